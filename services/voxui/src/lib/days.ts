/** Days (`2026-11-28`) of the display zone as moments. */
export const DAY_MS = 86_400_000;

export const isDay = (text: string | undefined): text is string => /^\d{4}-\d{2}-\d{2}$/.test(text ?? '');

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
