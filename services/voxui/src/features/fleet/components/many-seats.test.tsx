import { render } from '@testing-library/react';
import { expect, it, vi } from 'vitest';

import * as seats from '../lib/seats';
import { SeatMap } from './seat-map';

const NAMES = { bots: {}, campaigns: {} };

/** A thousand seats, one of them in a call. */
const thousand = (inCall: string) =>
  seats.readSeats(
    Array.from({ length: 1_000 }, (_, at) => {
      const worker_id = `w${String(at).padStart(4, '0')}`;
      const state = worker_id === inCall ? 'busy' : 'idle';
      return {
        worker_id, host_id: 'fleet1', state, phase: state, draining: false, image_tag: 'v1', age_ms: 400, since_ms: 0, epoch: 3, outbox_pending: 0,
      } as const; // prettier-ignore
    }),
  );

it('of a thousand seats it draws and touches only those that changed (F3)', () => {
  // Each square says its state in words whenever it is drawn; so does the legend, once a state.
  const said = vi.spyOn(seats, 'stateLabel');
  const { container, rerender } = render(<SeatMap names={NAMES} seats={thousand('w0017')} />);
  expect(said.mock.calls.length).toBeGreaterThanOrEqual(1_000);
  said.mockClear();
  const watched = new MutationObserver(() => undefined);
  watched.observe(container, { subtree: true, childList: true, attributes: true, characterData: true });
  rerender(<SeatMap names={NAMES} seats={thousand('w0912')} />);
  const touched = watched
    .takeRecords()
    .map(({ target }) => (target instanceof Element ? target : target.parentElement)?.closest('[data-seat]'))
    .flatMap((square) => square?.getAttribute('data-seat') ?? []);
  expect([...new Set(touched)].sort()).toEqual(['w0017', 'w0912']);
  expect(said.mock.calls.length).toBeLessThan(40);
});
