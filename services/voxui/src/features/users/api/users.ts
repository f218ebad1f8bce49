import { queryOptions } from '@tanstack/react-query';

import { usersList } from '@/generated';
import { data } from '@/lib/api';
import { PAGE_SIZE } from '@/lib/sort';

import { ORDERS, type UsersSearch } from '../lib/search';

export const usersQuery = ({ q, sort, page }: UsersSearch) =>
  queryOptions({
    queryKey: ['users', 'list', { q, sort, page }],
    queryFn: () =>
      data(usersList({ query: { limit: PAGE_SIZE, page: page ?? 1, sort: sort ?? ORDERS[0], ...(q ? { q } : {}) } })),
    placeholderData: (before) => before,
  });

/** Names for columns and filters that hold an account's id. */
export const userNamesQuery = queryOptions({
  queryKey: ['users', 'names'],
  queryFn: async () => (await data(usersList({ query: { limit: 200 } }))).items,
  staleTime: 60_000,
});
