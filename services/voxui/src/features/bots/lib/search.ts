/** What the address says of the list. */
import { readOrder, readPage } from '@/lib/sort';

export const ORDERS = ['name', '-name', '-updated_at', 'updated_at'] as const;

export interface BotsSearch {
  q?: string | undefined;
  active?: 'yes' | 'no' | undefined;
  sort?: string | undefined;
  page?: number | undefined;
}

export const readSearch = ({ q, active, sort, page }: Record<string, unknown>): BotsSearch => ({
  q: (typeof q === 'string' && q !== '') || typeof q === 'number' ? String(q) : undefined,
  active: active === 'yes' || active === 'no' ? active : undefined,
  sort: readOrder(ORDERS, sort),
  page: readPage(page),
});
