/** The range of the overview as it stands in the address, and as the API takes it. */
import { DAY_MS, dayOf, isDay } from '@/lib/days';

export interface OverviewSearch {
  range?: '7d' | '30d' | 'custom' | undefined;
  from?: string | undefined;
  to?: string | undefined;
  bot_id?: string | undefined;
  campaign_id?: string | undefined;
}

export const LONGEST_DAYS = 92;
const HOURLY_DAYS = 2;

/** What fits of an address; the rest is dropped, so that an old link still opens. */
export function readOverviewSearch(search: Record<string, unknown>): OverviewSearch {
  const found: OverviewSearch = {};
  const { range } = search;
  if (range === '7d' || range === '30d' || range === 'custom') found.range = range;
  for (const key of ['from', 'to', 'bot_id', 'campaign_id'] as const) {
    const value = search[key];
    if (typeof value === 'string' && value !== '') found[key] = value;
  }
  return found;
}

export interface Asked {
  /** Days of the display zone, both included. */
  from: string;
  to: string;
  interval: 'hour' | 'day';
  bot_id?: string;
  campaign_id?: string;
}

const daysBetween = (from: string, to: string) => Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS) + 1;

/** The days that are meant, and whether hours or days are drawn; a sentence when they cannot be asked for. */
export function askedOf(search: OverviewSearch, zone: string, now: number): Asked | string {
  const today = dayOf(now, zone);
  const back = (days: number) => new Date(Date.parse(today) - days * DAY_MS).toISOString().slice(0, 10);
  let from = today;
  let to = today;
  if (search.range === '7d') from = back(6);
  if (search.range === '30d') from = back(29);
  if (search.range === 'custom') {
    from = isDay(search.from) ? search.from : today;
    to = isDay(search.to) ? search.to : today;
    if (from > to) return 'The last day lies before the first one.';
    if (daysBetween(from, to) > LONGEST_DAYS) return `Choose at most ${LONGEST_DAYS} days.`;
  }
  return {
    from,
    to,
    interval: daysBetween(from, to) <= HOURLY_DAYS ? 'hour' : 'day',
    ...(search.bot_id ? { bot_id: search.bot_id } : {}),
    ...(search.campaign_id ? { campaign_id: search.campaign_id } : {}),
  };
}

export interface Change {
  text: string;
  /** `better` and `worse` only where one of them is; more calls are neither. */
  tone: 'better' | 'worse' | 'neutral';
}

type Sense = 'more' | 'less' | 'neither';

/** Against the period before: in percent, of shares in points. null where there is nothing to compare with. */
export function changeOf(
  now: number | null | undefined,
  before: number | null | undefined,
  kind: 'amount' | 'share',
  sense: Sense,
): Change | null {
  if (now == null || before == null) return null;
  if (kind === 'amount' && before === 0) return null;
  const by = kind === 'share' ? (now - before) * 100 : (now / before - 1) * 100;
  const rounded = Math.round(by);
  if (rounded === 0) return { text: 'unchanged', tone: 'neutral' };
  const unit = kind === 'share' ? (Math.abs(rounded) === 1 ? 'point' : 'points') : '%';
  const text = `${rounded > 0 ? '+' : '−'}${Math.abs(rounded).toLocaleString('en')} ${unit}`;
  if (sense === 'neither') return { text, tone: 'neutral' };
  return { text, tone: rounded > 0 === (sense === 'more') ? 'better' : 'worse' };
}

/** The first ten, and what the rest of them is together. */
export function firstTen<Item extends { count: number; share: number }>(
  items: Item[],
): { shown: Item[]; rest: number } {
  const shown = items.length > 11 ? items.slice(0, 10) : items;
  return { shown, rest: items.slice(shown.length).reduce((sum, item) => sum + item.count, 0) };
}

/** Text of a file; a cell that a spreadsheet would take for a formula is kept a text. */
export function csvOf(header: string[], rows: (string | number | null)[][]): string {
  const cell = (value: string | number | null) => {
    if (value === null) return '';
    if (typeof value === 'number') return String(value);
    const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
    return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return [header, ...rows].map((row) => row.map(cell).join(',')).join('\r\n') + '\r\n';
}
