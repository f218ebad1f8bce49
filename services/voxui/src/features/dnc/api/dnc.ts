import { queryOptions } from '@tanstack/react-query';

import { dncAdd, dncDelete, dncGet, dncList, type DncAdd, type DncEntry, type DncUploadReport } from '@/generated';
import { ApiError, data } from '@/lib/api';
import { download } from '@/lib/download';
import { useRenewed } from '@/lib/hooks';
import type { Tell } from '@/lib/progress';
import { PAGE_SIZE } from '@/lib/sort';

import type { DncSearch } from '../lib/search';

export const dncQuery = (search: DncSearch) =>
  queryOptions({
    queryKey: ['dnc', search],
    queryFn: () =>
      data(
        dncList({
          query: {
            limit: PAGE_SIZE,
            ...(search.q ? { q: search.q } : {}),
            ...(search.source ? { source: search.source } : {}),
            ...(search.sort ? { sort: search.sort } : {}),
            ...(search.cursor ? { cursor: search.cursor } : {}),
          },
        }),
      ),
    placeholderData: (before) => before,
  });

/** The entry of a number; null: it may be called. Throws ApiError, also when it is no number. */
export async function findEntry(phoneNumber: string): Promise<DncEntry | null> {
  try {
    return await data(dncGet({ path: { phone_number: phoneNumber } }));
  } catch (error) {
    if (error instanceof ApiError && error.code === 'not_listed') return null;
    throw error;
  }
}

/** What changes the list; each renews what is shown of it. */
export function useDncChanges() {
  const renewed = useRenewed('dnc');
  return {
    add: (body: DncAdd) => renewed(data(dncAdd({ body }))),
    /** `sent`: the file on its way to `UPLOAD`. */
    uploaded: (sent: Promise<DncUploadReport>) => renewed(sent),
    remove: (phoneNumber: string) => renewed(dncDelete({ path: { phone_number: phoneNumber } })),
  };
}

export const UPLOAD = '/api/v1/dnc/upload';
export const exportCsv = (tell: Tell) => download('/api/v1/dnc/export.csv', 'do-not-call.csv', tell);
