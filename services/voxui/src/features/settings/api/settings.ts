import { queryOptions } from '@tanstack/react-query';

import { outboxList, settingsGet } from '@/generated';
import { data } from '@/lib/api';

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
          query: { limit: 50, ...(status ? { status } : {}), ...(sort ? { sort } : {}), ...(cursor ? { cursor } : {}) },
        }),
      ),
    refetchInterval: 10_000,
    placeholderData: (before) => before,
  });
