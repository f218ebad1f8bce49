/** Values as people read them. Pure: zone and clock are arguments. */

export const DASH = '–';

/** `m:ss`, from an hour on `h:mm:ss`. */
export function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return DASH;
  const whole = Math.max(0, Math.round(seconds));
  const parts = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60] as const;
  const two = (value: number) => String(value).padStart(2, '0');
  return parts[0] > 0 ? `${parts[0]}:${two(parts[1])}:${two(parts[2])}` : `${parts[1]}:${two(parts[2])}`;
}

/** Under a second in milliseconds, above it in seconds. */
export function milliseconds(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return DASH;
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(2)} s`;
}

/** A share of 0 to 1 as `12.3 %`; whole from 10 % on. */
export function percent(share: number | null | undefined): string {
  if (share === null || share === undefined) return DASH;
  const value = share * 100;
  return `${value !== 0 && value < 10 ? value.toFixed(1) : Math.round(value)} %`;
}

/** Country codes of one and of two digits; all others have three. */
const COUNTRY = /^(1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|\d{3})(\d{4,})$/;

/** `+15550199` becomes `+1 555 0199`; what is no number stays as it is. */
export function phone(number: string | null | undefined): string {
  if (!number) return DASH;
  const match = /^(\+?)(\d{7,15})$/.exec(number);
  if (!match) return number;
  const [plus, digits] = [match[1] ?? '', match[2] ?? ''];
  const country = plus ? (COUNTRY.exec(digits)?.[1] ?? '') : '';
  const rest = digits.slice(country.length);
  // Four at the end, threes before them; a digit never stands alone.
  let end = rest.length === 5 ? 0 : rest.length - 4;
  const groups = [rest.slice(end)];
  while (end > 0) {
    const size = end === 4 ? 4 : Math.min(3, end);
    groups.unshift(rest.slice(end - size, end));
    end -= size;
  }
  return plus + [country, ...groups].filter(Boolean).join(' ');
}

const formatter = (zone: string, options: Intl.DateTimeFormatOptions) => {
  try {
    return new Intl.DateTimeFormat('en-GB', { timeZone: zone, ...options });
  } catch {
    return new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', ...options }); // a zone this browser does not know
  }
};

/** `28 Nov, 14:05`, with the year when it is not this one. */
export function dateTime(iso: string | null | undefined, zone: string, now: number = Date.now()): string {
  if (!iso) return DASH;
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  const otherYear = date.getUTCFullYear() !== new Date(now).getUTCFullYear();
  const year = otherYear ? ({ year: 'numeric' } as const) : {};
  return formatter(zone, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', ...year }).format(date);
}

/** `28 November 2026 at 14:05:09 UTC+05:30`. */
export function fullTime(iso: string, zone: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  return formatter(zone, {
    day: 'numeric', month: 'long', year: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit',
    timeZoneName: 'longOffset', // names of zones are known to few, and some are shared by several
  }).format(date).replace('GMT', 'UTC'); // prettier-ignore
}

/** `28 Nov`. */
export const day = (iso: string, zone: string) =>
  formatter(zone, { day: 'numeric', month: 'short' }).format(new Date(iso));

/** `14:00`. */
export const hour = (iso: string, zone: string) =>
  formatter(zone, { hour: '2-digit', minute: '2-digit' }).format(new Date(iso));

export const clock = (ms: number, zone: string) =>
  formatter(zone, { hour: '2-digit', minute: '2-digit', second: '2-digit' }).format(new Date(ms));

/** `just now`, `4 min ago`, `3 h ago`, `2 days ago`. */
export function ago(iso: string | null | undefined, now: number): string {
  if (!iso) return 'never';
  const seconds = (now - new Date(iso).getTime()) / 1_000;
  if (!Number.isFinite(seconds)) return iso;
  if (seconds < 45) return 'just now';
  if (seconds < 3_570) return `${Math.max(1, Math.round(seconds / 60))} min ago`;
  if (seconds < 84_600) return `${Math.round(seconds / 3_600)} h ago`;
  const days = Math.round(seconds / 86_400);
  return days === 1 ? 'yesterday' : `${days} days ago`;
}

/** `not_a_word` becomes `Not a word`: for values of a newer server that have no label here. */
export function words(value: string): string {
  const spaced = value.replaceAll('_', ' ');
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

/** A value of a record in words: nobody should have to read `null` or `{"a":true}`. */
export function readable(value: unknown): string {
  if (value === null || value === undefined || value === '') return DASH;
  if (typeof value === 'boolean') return value ? 'Yes' : 'No';
  if (typeof value === 'number') return value.toLocaleString('en');
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.length > 0 ? value.map(readable).join(', ') : DASH;
  return (
    Object.entries(value)
      .map(([name, part]) => `${words(name)}: ${readable(part)}`)
      .join(' · ') || DASH
  );
}

/** `640 B`, `12 kB`, `3.4 MB`. */
export function bytes(count: number): string {
  if (count < 1_000) return `${count} B`;
  const [value, unit] = count < 1_000_000 ? [count / 1_000, 'kB'] : [count / 1_000_000, 'MB'];
  return `${value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString('en')} ${unit}`;
}

export const plural = (count: number, one: string, many = `${one}s`) =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`;

export const shortId = (id: string) => (id.length > 12 ? id.slice(0, 8) : id);
