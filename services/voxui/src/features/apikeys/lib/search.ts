/** What the address says of the list. */
import { readOrder, readPage } from '@/lib/sort';

export const ORDERS = ['-created_at', 'created_at', 'name', '-name', '-last_used_at', 'last_used_at'] as const;

export interface KeysSearch {
  sort?: string | undefined;
  page?: number | undefined;
}

export const readSearch = (search: Record<string, unknown>): KeysSearch => ({
  sort: readOrder(ORDERS, search.sort),
  page: readPage(search.page),
});
