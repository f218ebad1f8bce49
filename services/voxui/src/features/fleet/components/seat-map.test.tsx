import { act, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';

import type { SeatView } from '@/generated';

import { readSeats } from '../lib/seats';
import { SeatMap } from './seat-map';

const seat = (worker_id: string, state: SeatView['state'] & SeatView['phase']): SeatView => ({
  worker_id, host_id: 'fleet1', state, phase: state, draining: false, image_tag: 'v1', age_ms: 400, since_ms: 0, epoch: 3, outbox_pending: 0,
}); // prettier-ignore

const NAMES = { bots: {}, campaigns: {} };

const isLit = (worker: string) =>
  screen.getByRole('button', { name: new RegExp(`^${worker}:`) }).classList.contains('seat-lit');
const map = (...seats: SeatView[]) => <SeatMap names={NAMES} seats={readSeats(seats)} />;

afterEach(() => vi.useRealTimers());

it('lights up a seat once when its state changes, and lets go of it (F2)', () => {
  vi.useFakeTimers();
  const { rerender } = render(map(seat('w1', 'idle'), seat('w2', 'idle')));
  rerender(map(seat('w1', 'busy'), seat('w2', 'idle'), seat('w3', 'idle')));
  expect(['w1', 'w2', 'w3'].map(isLit)).toEqual([true, false, false]);
  act(() => vi.advanceTimersByTime(700));
  expect(isLit('w1')).toBe(false);
  rerender(map(seat('w1', 'busy'), seat('w2', 'idle'), seat('w3', 'idle')));
  expect(isLit('w1')).toBe(false);
});

it('shows the seats of a chosen state alone, until it is let go', () => {
  render(map(seat('w1', 'idle'), seat('w2', 'busy')));
  const looks = () => ['w1', 'w2'].map((one) => screen.getByRole('button', { name: new RegExp(`^${one}:`) }).className);
  const before = looks();
  fireEvent.click(screen.getByRole('button', { name: 'On a call 1' }));
  expect(looks()[1]).toBe(before[1]);
  expect(looks()[0]).not.toBe(before[0]);
  fireEvent.click(screen.getByRole('button', { name: 'On a call 1' }));
  expect(looks()).toEqual(before);
});
