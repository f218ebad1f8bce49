/** Filters of the call list as they stand in the address, and as the API takes them. */
import type { CallsListData } from '@/generated';
import { DAY_MS, datesOf, rangeOf, readRange, type DayRange } from '@/lib/days';
import { readOrder } from '@/lib/sort';

export interface CallSearch extends DayRange {
  bot_id?: string | undefined;
  campaign_id?: string | undefined;
  status?: string | undefined;
  direction?: string | undefined;
  disconnected_by?: string | undefined;
  disposition?: string | undefined;
  transport?: string | undefined;
  transferred?: 'true' | 'false' | undefined;
  phone?: string | undefined;
  number?: string | undefined;
  call?: string | undefined;
  min_duration?: number | undefined;
  max_duration?: number | undefined;
  sort?: string | undefined;
  cursor?: string | undefined;
}

type Query = NonNullable<CallsListData['query']>;

export const EXPORT_LIMIT_DAYS = 92;
const TEXTS = [
  'bot_id', 'campaign_id', 'status', 'direction', 'disconnected_by', 'disposition', 'transport', 'phone', 'number', 'call',
  'cursor',
] as const; // prettier-ignore
export const ORDERS = ['-created_at', 'created_at', '-call_duration_seconds'] as const;

/** What fits of an address; the rest is dropped, so that an old link still opens. */
export function readSearch(search: Record<string, unknown>): CallSearch {
  const found: CallSearch = readRange(search);
  for (const key of TEXTS) {
    const value = search[key];
    if ((typeof value === 'string' && value !== '') || typeof value === 'number') found[key] = String(value);
  }
  for (const key of ['min_duration', 'max_duration'] as const) {
    const value = Number(search[key]);
    if (search[key] !== undefined && search[key] !== '' && Number.isFinite(value) && value >= 0) found[key] = value;
  }
  const { transferred } = search;
  if (transferred === true || transferred === 'true') found.transferred = 'true';
  if (transferred === false || transferred === 'false') found.transferred = 'false';
  const sort = readOrder(ORDERS, search.sort);
  if (sort) found.sort = sort;
  return found;
}

/** The query of the API; without `cursor` and `limit`, which only the list has. */
export function toQuery(search: CallSearch, zone: string, now: number): Query {
  const query: Record<string, unknown> = {};
  for (const key of [
    'bot_id',
    'campaign_id',
    'status',
    'direction',
    'disconnected_by',
    'disposition',
    'transport',
    'phone',
    'number',
  ] as const) {
    if (search[key]) query[key] = search[key];
  }
  if (search.call) query.session_id = search.call;
  if (search.transferred) query.transferred = search.transferred === 'true';
  if (search.min_duration !== undefined) query.min_duration = search.min_duration;
  if (search.max_duration !== undefined) query.max_duration = search.max_duration;
  if (search.sort) query.sort = search.sort;
  return { ...query, ...datesOf(search, zone, now) } as Query;
}

/** How many filters are set: sort and page are none. */
export const filterCount = (search: CallSearch) =>
  Object.entries(search).filter(
    ([key, value]) => value !== undefined && !['sort', 'cursor', 'from', 'to'].includes(key),
  ).length;

/** Why this selection cannot be exported; null when it can. */
export function exportRefusal(search: CallSearch, zone: string, now: number): string | null {
  const { from, to } = rangeOf(search, zone, now);
  if (from === undefined) return 'Choose a time range first: an export needs a first day.';
  if ((to ?? now) - from > EXPORT_LIMIT_DAYS * DAY_MS) return `An export covers at most ${EXPORT_LIMIT_DAYS} days.`;
  return null;
}
