import { fireEvent, render, screen } from '@testing-library/react';
import { expect, it } from 'vitest';

import type { SeatView } from '@/generated';

import { readSeats } from '../lib/seats';
import { SeatMap } from './seat-map';

const seat = (worker_id: string, state: SeatView['state'] & SeatView['phase']): SeatView => ({
  worker_id, host_id: 'fleet1', state, phase: state, draining: false, image_tag: 'v1', age_ms: 400, since_ms: 0, epoch: 3, outbox_pending: 0,
}); // prettier-ignore

const NAMES = { bots: {}, campaigns: {} };

const flash = (worker: string) => screen.getByRole('button', { name: new RegExp(`^${worker}:`) }).firstElementChild;

it('lights up a seat once when its state changes, and leaves nothing over it', () => {
  const { rerender } = render(<SeatMap names={NAMES} seats={readSeats([seat('w1', 'idle'), seat('w2', 'idle')])} />);
  expect(flash('w1')).toBeNull();
  rerender(<SeatMap names={NAMES} seats={readSeats([seat('w1', 'busy'), seat('w2', 'idle')])} />);
  const lit = flash('w1');
  expect(lit).not.toBeNull();
  expect(flash('w2')).toBeNull();
  // The name under which React listens where there are no animations, as here.
  if (lit) fireEvent(lit, new Event('webkitAnimationEnd', { bubbles: true }));
  expect(flash('w1')).toBeNull();
});
