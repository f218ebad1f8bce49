/** Seats as the registry reports them, grouped by host. Fields of a newer registry are ignored. */

export interface Seat {
  workerId: string;
  hostId: string;
  state: string;
  draining: boolean;
  imageTag: string;
  callId: string;
}

const text = (value: unknown) => (typeof value === 'string' ? value : '');

export function readSeats(rows: Record<string, unknown>[]): Seat[] {
  return rows
    .map((row) => ({
      workerId: text(row.worker_id),
      hostId: text(row.host_id),
      state: text(row.state),
      draining: row.draining === true || text(row.state) === 'draining',
      imageTag: text(row.image_tag),
      callId: text(row.session_id) || text(row.call_id),
    }))
    .filter((seat) => seat.workerId !== '')
    .sort((a, b) => a.workerId.localeCompare(b.workerId, 'en', { numeric: true }));
}

export function byHost(seats: Seat[]): [string, Seat[]][] {
  const hosts = new Map<string, Seat[]>();
  for (const seat of seats) hosts.set(seat.hostId, [...(hosts.get(seat.hostId) ?? []), seat]);
  return [...hosts.entries()].sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }));
}
