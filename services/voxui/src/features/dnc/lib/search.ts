/** Filters of the list as they stand in the address. */
import type { DncEntry } from '@/generated';
import { readOrder } from '@/lib/sort';

export type Source = DncEntry['source'];

export const SOURCE_LABEL: Record<Source, string> = {
  manual: 'Added by hand',
  upload: 'Upload',
  api: 'API',
  call: 'Asked in a call',
};

export const ORDERS = ['-created_at', 'created_at'] as const;

export interface DncSearch {
  q?: string | undefined;
  source?: Source | undefined;
  sort?: string | undefined;
  cursor?: string | undefined;
}

const isSource = (value: unknown): value is Source => typeof value === 'string' && value in SOURCE_LABEL;

/** What fits of an address; the rest is dropped. Digits alone are read as a number by the router. */
export function readSearch(search: Record<string, unknown>): DncSearch {
  const found: DncSearch = {};
  if ((typeof search.q === 'string' && search.q !== '') || typeof search.q === 'number') found.q = String(search.q);
  if (isSource(search.source)) found.source = search.source;
  const sort = readOrder(ORDERS, search.sort);
  if (sort) found.sort = sort;
  if (typeof search.cursor === 'string' && search.cursor !== '') found.cursor = search.cursor;
  return found;
}
