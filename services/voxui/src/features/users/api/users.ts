import { queryOptions } from '@tanstack/react-query';

import { usersList } from '@/generated';
import { data } from '@/lib/api';

/** Names for columns and filters that hold an account's id. */
export const userNamesQuery = queryOptions({
  queryKey: ['users', 'names'],
  queryFn: async () => (await data(usersList({ query: { limit: 200 } }))).items,
  staleTime: 60_000,
});
