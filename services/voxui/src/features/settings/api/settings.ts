import { queryOptions } from '@tanstack/react-query';

import { outboxList, settingsGet } from '@/generated';
import { data } from '@/lib/api';

export const settingsQuery = queryOptions({
  queryKey: ['settings', 'all'],
  queryFn: () => data(settingsGet()),
  staleTime: 0,
});

export const outboxQuery = queryOptions({
  queryKey: ['outbox'],
  queryFn: () => data(outboxList({ query: { limit: 100 } })),
  refetchInterval: 10_000,
});
