import { act, screen } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';

import { PageAges } from '@/components/live';
import type { SeatView } from '@/generated';
import type { Age, Ages } from '@/lib/age';
import { renderPage } from '@/test/render';

import { readSeats } from '../lib/seats';
import { SeatCard } from './seat-card';

const NOW = Date.parse('2026-11-28T14:05:00Z');
const SEAT: SeatView = {
  worker_id: 'w1', host_id: 'fleet1', state: 'busy', phase: 'busy', draining: false, image_tag: 'v1', age_ms: 400,
  since_ms: NOW - 60_000, epoch: 3, outbox_pending: 0,
}; // prettier-ignore

afterEach(() => vi.useRealTimers());

it('counts for how long a seat is in its state, and stands still once its data do (G2)', async () => {
  vi.useFakeTimers({ now: NOW, shouldAdvanceTime: true });
  let age: Age = { at: NOW, seconds: 0, isOld: false };
  const ages = { subscribe: () => () => true, current: () => age } as unknown as Ages;
  const [seat] = readSeats([SEAT]);
  if (!seat) throw new Error('no seat');
  renderPage(
    <PageAges value={ages}>
      <SeatCard seat={seat} names={{ bots: {}, campaigns: {} }} isPinned={false} />
    </PageAges>,
  );
  const shown = async (seconds: number) => {
    await act(() => vi.advanceTimersByTimeAsync(seconds * 1_000));
    return screen.getByText('For').nextSibling?.textContent;
  };
  await screen.findByText('For');
  expect(await shown(5)).toMatch(/^1:0[5-9]$/);
  age = { at: NOW + 5_000, seconds: 30, isOld: true };
  expect(await shown(30)).toBe('1:05');
  expect(await shown(60)).toBe('1:05');
});
