/** What a monitor saw of a campaign in the last half hour. Kept in this tab: nobody else needs it. */
import type { CampaignStats } from '@/generated';

import type { Live } from './live';

export interface Sample {
  at: number;
  dialsPerSecond: number | null;
  inProgress: number;
  abandonRate: number | null;
}

export const KEPT_MS = 30 * 60_000;
/** One sample in this time: the lines are a few hundred pixels wide. */
const APART_MS = 2_000;

/** The samples with one more; a newer one of the same moment takes the place of the older. */
export function withSample(samples: readonly Sample[], sample: Sample): Sample[] {
  const kept = samples.filter((one) => one.at > sample.at - KEPT_MS && one.at <= sample.at);
  const last = kept.at(-1);
  if (last && sample.at - last.at < APART_MS && kept.length > 1) kept.pop();
  return [...kept, sample];
}

export const sampleOf = (at: number, live: Live | null, stats: CampaignStats): Sample => ({
  at,
  dialsPerSecond: live?.dialsPerSecond ?? null,
  inProgress: live?.inProgress ?? 0,
  abandonRate: stats.abandon_rate ?? null,
});

/** Points of a line in a box, as SVG takes them; a gap where nothing was known. `top` is the value of the upper edge. */
export function lineOf(
  samples: readonly Sample[],
  read: (sample: Sample) => number | null,
  top: number,
  box: { width: number; height: number },
  now: number,
): string {
  let pen = 'M';
  const parts: string[] = [];
  for (const sample of samples) {
    const value = read(sample);
    if (value === null) {
      pen = 'M';
      continue;
    }
    const x = box.width * (1 - (now - sample.at) / KEPT_MS);
    const y = box.height * (1 - Math.min(1, top > 0 ? value / top : 0));
    parts.push(`${pen}${x.toFixed(1)},${y.toFixed(1)}`);
    pen = 'L';
  }
  return parts.join('');
}
