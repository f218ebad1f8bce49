import { queryOptions } from '@tanstack/react-query';

import { auditList } from '@/generated';
import { data } from '@/lib/api';
import { download } from '@/lib/download';
import type { Tell } from '@/lib/progress';
import { PAGE_SIZE } from '@/lib/sort';

import { toQuery, type AuditSearch } from '../lib/filters';

export const auditQuery = (search: AuditSearch, zone: string) =>
  queryOptions({
    queryKey: ['audit', search, zone],
    queryFn: () =>
      data(
        auditList({
          query: {
            ...toQuery(search, zone),
            limit: PAGE_SIZE,
            ...(search.sort ? { sort: search.sort } : {}),
            ...(search.cursor ? { cursor: search.cursor } : {}),
          },
        }),
      ),
    placeholderData: (before) => before,
  });

export async function exportCsv(search: AuditSearch, zone: string, tell: Tell) {
  const query = new URLSearchParams(toQuery(search, zone) as Record<string, string>);
  await download(`/api/v1/audit-log/export.csv?${query.toString()}`, 'audit-log.csv', tell);
}
