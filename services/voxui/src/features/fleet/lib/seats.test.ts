import { expect, it } from 'vitest';

import type { SeatView } from '@/generated';

import { byHost, readSeats } from './seats';

const seat = (worker_id: string, more: Partial<SeatView> = {}): SeatView => ({
  worker_id, host_id: 'h1', state: 'idle', phase: 'idle', draining: false, image_tag: 'v1', age_ms: 0, since_ms: 0, epoch: 1,
  outbox_pending: 0, ...more,
}); // prettier-ignore

it('keeps seats in one order, whatever their state: a square never moves (F2)', () => {
  const seats = readSeats([seat('w10'), seat('w2', { state: 'busy', phase: 'busy' }), seat('w1', { host_id: 'h0' })]);
  expect(byHost(seats).map(([host, members]) => [host, members.map((one) => one.workerId)])).toEqual([
    ['h0', ['w1']],
    ['h1', ['w2', 'w10']],
  ]);
});

it('shows of a draining seat what it still does', () => {
  const [one] = readSeats([seat('w1', { state: 'draining', phase: 'busy', draining: true })]);
  expect(one).toMatchObject({ state: 'busy', draining: true });
});
