import { useEffect, useState } from 'react';

import type { Campaign } from '@/generated';
import { DASH, percent } from '@/lib/format';
import { useNow } from '@/lib/hooks';

import { lineOf, sampleOf, withSample, type Sample } from '../lib/history';
import type { Live } from '../lib/live';

const MOST_SEATS = 200;
const LOOK = {
  call: 'border-info bg-info',
  ringing: 'border-warn bg-[radial-gradient(circle,var(--warn)_30%,var(--warn-soft)_35%)]',
  free: 'border-line-strong bg-transparent',
};

/** One square for each call that the campaign may have at once. */
export function SeatStrip({ live, limit }: { live: Live | null; limit: number }) {
  const shown = Math.min(limit, MOST_SEATS);
  const calls = Math.min(live?.inProgress ?? 0, shown);
  const ringing = Math.min((live?.ringing ?? 0) + (live?.active.amd_screening ?? 0), shown - calls);
  const kinds = [
    ['call', 'In a call', calls],
    ['ringing', 'Ringing or screening', ringing],
    ['free', 'Free', shown - calls - ringing],
  ] as const;
  return (
    <div>
      <h2 className="mb-2 text-sm font-semibold">Calls at once</h2>
      <div
        role="img"
        aria-label={kinds.map(([, name, count]) => `${name}: ${count}`).join(', ')}
        className="flex flex-wrap gap-1"
      >
        {kinds.flatMap(([kind, , count]) =>
          Array.from({ length: count }, (_, at) => (
            <span key={`${kind}${at}`} className={`size-3.5 rounded-sm border ${LOOK[kind]}`} />
          )),
        )}
      </div>
      <ul className="mt-2 flex flex-wrap gap-x-4 gap-y-1 text-xs text-muted" aria-hidden="true">
        {kinds.map(([kind, name, count]) => (
          <li key={kind} className="flex items-center gap-1.5">
            <span className={`size-3 rounded-sm border ${LOOK[kind]}`} />
            {name} <span className="num">{count}</span>
          </li>
        ))}
        {limit > MOST_SEATS && (
          <li>
            The first {MOST_SEATS} of {limit.toLocaleString('en')}
          </li>
        )}
      </ul>
    </div>
  );
}

// Of this tab, by campaign: who comes back to a monitor sees the line go on.
const histories = new Map<string, Sample[]>();

function useHistory(campaign: Campaign, live: Live | null, readAt: number): Sample[] {
  const id = campaign.campaign_id;
  const [seen, setSeen] = useState(() => ({ readAt: 0, samples: histories.get(id) ?? [] }));
  if (seen.readAt !== readAt) {
    setSeen({ readAt, samples: withSample(seen.samples, sampleOf(readAt, live, campaign.stats)) });
  }
  useEffect(() => {
    histories.set(id, seen.samples);
  }, [id, seen]);
  return seen.samples;
}

const BOX = { width: 240, height: 40 };
/** The legal limit of many countries for calls that nobody takes. */
const ABANDON_LIMIT = 0.03;

/** Three lines over the last half hour. */
export function Trends({ campaign, live, readAt }: { campaign: Campaign; live: Live | null; readAt: number }) {
  const samples = useHistory(campaign, live, readAt);
  const now = Math.max(useNow(10_000), readAt);
  const limit = campaign.config.concurrency_limit ?? 1;
  const last = samples.at(-1);
  const fastest = Math.max(...samples.map((one) => one.dialsPerSecond ?? 0), 0.1);
  const worst = Math.max(...samples.map((one) => one.abandonRate ?? 0), 2 * ABANDON_LIMIT);
  return (
    <div>
      <h2 className="mb-2 text-sm font-semibold">Last 30 minutes</h2>
      <div className="grid gap-3 sm:grid-cols-3">
        <Trend
          name="Dials per second"
          value={last?.dialsPerSecond == null ? DASH : last.dialsPerSecond.toFixed(2)}
          path={lineOf(samples, (one) => one.dialsPerSecond, fastest, BOX, now)}
        />
        <Trend
          name="In a call"
          value={String(last?.inProgress ?? 0)}
          path={lineOf(samples, (one) => one.inProgress, limit, BOX, now)}
        />
        <Trend
          name="Abandon rate"
          value={percent(last?.abandonRate)}
          path={lineOf(samples, (one) => one.abandonRate, worst, BOX, now)}
          mark={{ y: BOX.height * (1 - ABANDON_LIMIT / worst), name: '3 % line' }}
        />
      </div>
    </div>
  );
}

interface TrendProps {
  name: string;
  value: string;
  path: string;
  mark?: { y: number; name: string };
}

const Trend = ({ name, value, path, mark }: TrendProps) => (
  <figure className="rounded-lg border border-line px-3 py-2">
    <figcaption className="flex items-baseline justify-between gap-2 text-xs text-muted">
      <span>
        {name}
        {mark && ` · dashed: ${mark.name}`}
      </span>
      <span className="num text-sm font-semibold text-ink">{value}</span>
    </figcaption>
    <svg
      viewBox={`0 0 ${BOX.width} ${BOX.height}`}
      preserveAspectRatio="none"
      className="mt-1 h-10 w-full overflow-visible"
      aria-hidden="true"
    >
      <line
        x1="0"
        x2={BOX.width}
        y1={BOX.height}
        y2={BOX.height}
        stroke="var(--line)"
        vectorEffect="non-scaling-stroke"
      />
      {mark && (
        <line
          x1="0"
          x2={BOX.width}
          y1={mark.y}
          y2={mark.y}
          stroke="var(--bad)"
          strokeDasharray="4 4"
          vectorEffect="non-scaling-stroke"
        />
      )}
      <path
        d={path}
        fill="none"
        stroke="var(--brand-text)"
        strokeWidth="2"
        strokeLinecap="round"
        vectorEffect="non-scaling-stroke"
      />
    </svg>
  </figure>
);
