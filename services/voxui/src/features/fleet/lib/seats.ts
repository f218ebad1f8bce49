/** Seats as the registry reports them, grouped by host. */
import type { SeatView } from '@/generated';

export interface Seat {
  workerId: string;
  hostId: string;
  /** What the seat does; while it drains, what it still does. */
  state: string;
  draining: boolean;
  imageTag: string;
  sessionId: string;
}

const natural = (a: string, b: string) => a.localeCompare(b, 'en', { numeric: true });

export const readSeats = (rows: SeatView[]): Seat[] =>
  rows
    .map((row) => ({
      workerId: row.worker_id,
      hostId: row.host_id,
      state: row.state === 'draining' ? row.phase : row.state,
      draining: row.draining || row.state === 'draining',
      imageTag: row.image_tag,
      sessionId: row.session_id ?? '',
    }))
    .sort((a, b) => natural(a.workerId, b.workerId));

export function byHost(seats: Seat[]): [string, Seat[]][] {
  const hosts = new Map<string, Seat[]>();
  for (const seat of seats) hosts.set(seat.hostId, [...(hosts.get(seat.hostId) ?? []), seat]);
  return [...hosts.entries()].sort(([a], [b]) => natural(a, b));
}
