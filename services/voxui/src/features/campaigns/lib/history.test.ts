import { expect, it } from 'vitest';

import { KEPT_MS, lineOf, withSample, type Sample } from './history';

const sample = (at: number, inProgress = 0): Sample => ({ at, dialsPerSecond: null, inProgress, abandonRate: null });

it('keeps half an hour', () => {
  const samples = withSample([sample(0), sample(KEPT_MS)], sample(KEPT_MS + 10_000));
  expect(samples.map((one) => one.at)).toEqual([KEPT_MS, KEPT_MS + 10_000]);
});

it('keeps one sample of events that come all at once, the newest', () => {
  let samples: Sample[] = [sample(0)];
  for (let at = 10_000; at < 11_000; at += 100) samples = withSample(samples, sample(at, at));
  expect(samples.map((one) => one.at)).toEqual([0, 10_900]);
});

it('draws from left to right, the newest at the right edge, and leaves gaps open', () => {
  const box = { width: 100, height: 20 };
  const samples = [sample(0, 5), sample(KEPT_MS / 2, 10), sample(KEPT_MS, 20)];
  const now = KEPT_MS;
  expect(lineOf(samples, (one) => one.inProgress, 10, box, now)).toBe('M0.0,10.0L50.0,0.0L100.0,0.0');
  const gap = lineOf(samples, (one) => (one.inProgress === 10 ? null : one.inProgress), 20, box, now);
  expect(gap).toBe('M0.0,15.0M100.0,0.0');
  expect(lineOf(samples, () => 0, 0, box, now)).toContain('M0.0,20.0');
});
