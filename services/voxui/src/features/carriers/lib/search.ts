/** What the address says of the list. */
import { readOrder, readPage } from '@/lib/sort';

export const ORDERS = ['name', '-name', '-created_at', 'created_at'] as const;

export interface CarriersSearch {
  sort?: string | undefined;
  page?: number | undefined;
}

export const readSearch = (search: Record<string, unknown>): CarriersSearch => ({
  sort: readOrder(ORDERS, search.sort),
  page: readPage(search.page),
});
