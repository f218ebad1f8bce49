import { queryOptions } from '@tanstack/react-query';

import { apiKeysList } from '@/generated';
import { data } from '@/lib/api';
import { PAGE_SIZE } from '@/lib/sort';

import type { KeysSearch } from '../lib/search';

export const keysQuery = ({ sort, page }: KeysSearch) =>
  queryOptions({
    queryKey: ['api-keys', { sort, page }],
    queryFn: () => data(apiKeysList({ query: { limit: PAGE_SIZE, page: page ?? 1, ...(sort ? { sort } : {}) } })),
    placeholderData: (before) => before,
  });
