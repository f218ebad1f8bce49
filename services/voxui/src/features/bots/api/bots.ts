import { queryOptions } from '@tanstack/react-query';

import {
  botsClone,
  botsCreate,
  botsDelete,
  botsGet,
  botsList,
  botsUpdate,
  botsWssUrl,
  type BotCreate,
  type BotUpdate,
} from '@/generated';
import { data } from '@/lib/api';
import { PAGE_SIZE } from '@/lib/sort';

import type { BotsSearch } from '../lib/search';

export const botListQuery = ({ q, active, sort, page }: BotsSearch) =>
  queryOptions({
    queryKey: ['bots', 'list', { q, active, sort, page }],
    queryFn: () =>
      data(
        botsList({
          query: {
            limit: PAGE_SIZE,
            page: page ?? 1,
            ...(sort ? { sort } : {}),
            ...(q ? { q } : {}),
            ...(active ? { is_active: active === 'yes' } : {}),
          },
        }),
      ),
    placeholderData: (before) => before,
  });

/** Names for filters and the command palette. */
export const botNamesQuery = queryOptions({
  queryKey: ['bots', 'names'],
  queryFn: async () => (await data(botsList({ query: { limit: 200, sort: 'name' } }))).items,
  staleTime: 60_000,
});

export const botQuery = (id: string) =>
  queryOptions({ queryKey: ['bots', 'one', id], queryFn: () => data(botsGet({ path: { bot_id: id } })) });

/** The version that an edit begins with; `load` counts how often it was fetched anew on purpose. */
export const botEditQuery = (id: string, load: number) =>
  queryOptions({
    queryKey: ['bot-edit', id, load],
    queryFn: () => data(botsGet({ path: { bot_id: id } })),
    staleTime: Infinity,
    gcTime: 0,
  });

export const botSocketsQuery = (id: string) =>
  queryOptions({
    queryKey: ['bots', 'sockets', id],
    queryFn: () => data(botsWssUrl({ path: { bot_id: id } })),
    retry: false,
  });

export const createBot = (body: BotCreate) => data(botsCreate({ body }));
export const updateBot = (id: string, body: BotUpdate) => data(botsUpdate({ path: { bot_id: id }, body }));
export const cloneBot = (id: string) => data(botsClone({ path: { bot_id: id } }));
export const deleteBot = (id: string) => data(botsDelete({ path: { bot_id: id } }));
