/** Filters of the audit log as they stand in the address, and as the API takes them. */
import type { AuditListData } from '@/generated';
import { endOfDay, isDay, startOfDay } from '@/lib/days';
import { readOrder } from '@/lib/sort';

const TEXTS = ['actor_id', 'action', 'entity_type', 'entity_id', 'from', 'to', 'cursor'] as const;
export const ORDERS = ['-at', 'at'] as const;
const WHOLE = ['actor_id', 'action', 'entity_type', 'entity_id'] as const;

/** `from`, `to`: days of the display zone, both included. */
export type AuditSearch = { [Key in (typeof TEXTS)[number] | 'sort']?: string | undefined };
type Query = NonNullable<AuditListData['query']>;

/** What fits of an address; the rest is dropped. */
export function readSearch(search: Record<string, unknown>): AuditSearch {
  const found: AuditSearch = {};
  for (const key of TEXTS) {
    const value = search[key];
    if ((typeof value === 'string' && value !== '') || typeof value === 'number') found[key] = String(value);
  }
  const sort = readOrder(ORDERS, search.sort);
  if (sort) found.sort = sort;
  if (!isDay(found.from)) delete found.from;
  if (!isDay(found.to)) delete found.to;
  return found;
}

/** Without `sort`, `cursor` and `limit`, which only the list has. */
export function toQuery(search: AuditSearch, zone: string): Query {
  const query: Query = {};
  for (const key of WHOLE) if (search[key]) query[key] = search[key];
  if (search.from) query.date_from = new Date(startOfDay(search.from, zone)).toISOString();
  if (search.to) query.date_to = new Date(endOfDay(search.to, zone) - 1).toISOString();
  return query;
}

export const isFiltered = (search: AuditSearch) =>
  Object.entries(search).some(([key, value]) => !['sort', 'cursor'].includes(key) && value !== undefined);
