/** Seats as the registry reports them, grouped by host. */
import type { SeatView } from '@/generated';
import { words } from '@/lib/format';

export interface Seat {
  workerId: string;
  /** All that the registry says of it. */
  view: SeatView;
  hostId: string;
  /** What the seat does; while it drains, what it still does. */
  state: string;
  draining: boolean;
  imageTag: string;
  sessionId: string;
}

/** Names by id, as far as they are known here: a registry may serve other deployments too. */
export interface Names {
  bots: Record<string, string>;
  campaigns: Record<string, string>;
}

// Made once: `localeCompare` looks the language up at every comparison, of which 1,000 seats need 10,000.
const natural = new Intl.Collator('en', { numeric: true }).compare;

export const readSeats = (rows: SeatView[]): Seat[] =>
  rows
    .map((row) => ({
      workerId: row.worker_id,
      view: row,
      hostId: row.host_id,
      state: row.state === 'draining' ? row.phase : row.state,
      draining: row.draining || row.state === 'draining',
      imageTag: row.image_tag,
      sessionId: row.session_id ?? '',
    }))
    .sort((a, b) => natural(a.workerId, b.workerId));

export const STATES = ['idle', 'reserved', 'busy', 'wrapping', 'starting', 'lost'] as const;
const LABEL: Record<string, string> = {
  starting: 'Starting',
  idle: 'Free',
  reserved: 'Reserved',
  busy: 'On a call',
  wrapping: 'Saving the result',
  lost: 'Lost',
};

/** A state of a newer registry is shown as it is. */
export const stateLabel = (state: string) => LABEL[state] ?? words(state || 'unknown');
export const seatLabel = (seat: Seat) => stateLabel(seat.state) + (seat.draining ? ', draining' : '');

/** What a drain is asked for, by the selector that the registry knows. */
export type Target = { selector: string; name: string; seats: Seat[] };
export const targets = {
  seat: (seat: Seat): Target => ({ selector: `worker:${seat.workerId}`, name: `seat ${seat.workerId}`, seats: [seat] }),
  host: (host: string, seats: Seat[]): Target => ({ selector: `host:${host}`, name: `host ${host}`, seats }),
  tag: (tag: string, seats: Seat[]): Target => ({
    selector: `tag:${tag}`,
    name: `image ${tag}`,
    seats: seats.filter((seat) => seat.imageTag === tag),
  }),
  pool: (seats: Seat[]): Target => ({ selector: 'pool', name: 'the whole fleet', seats }),
};

/** `host:fleet1` becomes `Host fleet1`. */
export function selectorText(selector: string): string {
  const [kind = '', ...rest] = selector.split(':');
  const name = rest.join(':');
  const what: Record<string, string> = { worker: 'Seat', host: 'Host', tag: 'Image', pool: 'The whole fleet' };
  return name ? `${what[kind] ?? words(kind)} ${name}` : (what[kind] ?? words(selector));
}

/** Image tags with their seats, most first; a deploy is in flight while there are several. */
export function byTag(seats: Seat[]): [string, number][] {
  const tags = new Map<string, number>();
  for (const seat of seats) tags.set(seat.imageTag, (tags.get(seat.imageTag) ?? 0) + 1);
  return [...tags.entries()].sort(([a, x], [b, y]) => y - x || natural(a, b));
}

export function byHost(seats: Seat[]): [string, Seat[]][] {
  const hosts = new Map<string, Seat[]>();
  for (const seat of seats) hosts.set(seat.hostId, [...(hosts.get(seat.hostId) ?? []), seat]);
  return [...hosts.entries()].sort(([a], [b]) => natural(a, b));
}
