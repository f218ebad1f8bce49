/** Days (`2026-11-28`) of the display zone as moments. */
export const DAY_MS = 86_400_000;

export const isDay = (text: unknown): text is string => typeof text === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(text);

/** Offset of a zone at a moment, in milliseconds: local = UTC + offset. */
function offsetMs(zone: string, at: number): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric',
    second: 'numeric',
  }).formatToParts(new Date(at)); // prettier-ignore
  const part = (type: string) => Number(parts.find((entry) => entry.type === type)?.value);
  const local = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  return local - Math.floor(at / 1000) * 1000;
}

/** Midnight of a day (`2026-11-28`) in a zone, milliseconds since 1970. */
export function startOfDay(day: string, zone: string): number {
  const utc = Date.parse(`${day}T00:00:00Z`);
  const guess = utc - offsetMs(zone, utc);
  return utc - offsetMs(zone, guess); // the second look is right on days when clocks change
}

export const dayOf = (at: number, zone: string) => new Date(at + offsetMs(zone, at)).toISOString().slice(0, 10);

/** The midnight that ends a day. */
export const endOfDay = (day: string, zone: string) =>
  startOfDay(dayOf(startOfDay(day, zone) + 1.5 * DAY_MS, zone), zone);

/** Days as an address names them; `custom`: from one day to another, both included, each of them open when absent. */
export interface DayRange {
  range?: 'today' | '7d' | '30d' | 'custom' | undefined;
  from?: string | undefined;
  to?: string | undefined;
}

const RANGES = ['today', '7d', '30d', 'custom'] as const;

/** What fits of an address. */
export function readRange({ range, from, to }: Record<string, unknown>): DayRange {
  const found: DayRange = {};
  const known = RANGES.find((one) => one === range);
  if (known) found.range = known;
  if (isDay(from)) found.from = from;
  if (isDay(to)) found.to = to;
  return found;
}

/** First moment and the moment after the last one; undefined = open. */
export function rangeOf(search: DayRange, zone: string, now: number): { from?: number; to?: number } {
  const today = startOfDay(dayOf(now, zone), zone);
  if (search.range === 'today') return { from: today };
  if (search.range === '7d') return { from: startOfDay(dayOf(today - 6 * DAY_MS + DAY_MS / 2, zone), zone) };
  if (search.range === '30d') return { from: startOfDay(dayOf(today - 29 * DAY_MS + DAY_MS / 2, zone), zone) };
  const found: { from?: number; to?: number } = {};
  if (search.range === 'custom') {
    if (isDay(search.from)) found.from = startOfDay(search.from, zone);
    if (isDay(search.to)) found.to = endOfDay(search.to, zone);
  }
  return found;
}

/** The same as the API takes it: both moments included. */
export function datesOf(search: DayRange, zone: string, now: number): { date_from?: string; date_to?: string } {
  const { from, to } = rangeOf(search, zone, now);
  return {
    ...(from === undefined ? {} : { date_from: new Date(from).toISOString() }),
    ...(to === undefined ? {} : { date_to: new Date(to - 1).toISOString() }),
  };
}
