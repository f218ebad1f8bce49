/** What the address says of the list. */
import { readOrder, readPage } from '@/lib/sort';

/** By name, although the API begins with the email: people look for people. */
export const ORDERS = ['name', '-name', 'email', '-email', '-created_at', 'created_at'] as const;

export interface UsersSearch {
  q?: string | undefined;
  sort?: string | undefined;
  page?: number | undefined;
}

export const readSearch = (search: Record<string, unknown>): UsersSearch => ({
  q: (typeof search.q === 'string' && search.q !== '') || typeof search.q === 'number' ? String(search.q) : undefined,
  sort: readOrder(ORDERS, search.sort),
  page: readPage(search.page),
});
