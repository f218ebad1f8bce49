import { queryOptions } from '@tanstack/react-query';

import { outboxList, settingsGet } from '@/generated';
import { data } from '@/lib/api';
import { PAGE_SIZE } from '@/lib/sort';

import type { OutboxSearch } from '../lib/outbox';

export const settingsQuery = queryOptions({
  queryKey: ['settings', 'all'],
  queryFn: () => data(settingsGet()),
  staleTime: 0,
});

export const outboxQuery = ({ status, sort, cursor }: OutboxSearch) =>
  queryOptions({
    queryKey: ['outbox', { status, sort, cursor }],
    queryFn: () =>
      data(
        outboxList({
          query: {
            limit: PAGE_SIZE,
            ...(status ? { status } : {}),
            ...(sort ? { sort } : {}),
            ...(cursor ? { cursor } : {}),
          },
        }),
      ),
    refetchInterval: 10_000,
    placeholderData: (before) => before,
  });
