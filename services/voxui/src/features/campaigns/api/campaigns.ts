import { queryOptions } from '@tanstack/react-query';

import {
  attemptsList,
  campaignsCancelRestart,
  campaignsClone,
  campaignsCreate,
  campaignsDelete,
  campaignsGet,
  campaignsList,
  campaignsPause,
  campaignsRestart,
  campaignsResume,
  campaignsStart,
  campaignsStop,
  campaignsUpdate,
  carriersList,
  contactsExclude,
  contactsExcluded,
  contactsInclude,
  contactsList,
  type CampaignCreate,
  type CampaignUpdate,
  type Exclude,
} from '@/generated';
import { data } from '@/lib/api';
import { useRenewed } from '@/lib/hooks';
import { whileQuiet } from '@/lib/stream';
import { PAGE_SIZE } from '@/lib/sort';

import type { Action } from '../lib/consequence';
import { isLive } from '../lib/live';
import { contactQuery, type CampaignSearch, type CampaignsSearch } from '../lib/search';

export const LIST_MS = 15_000;
export const LIVE_MS = 5_000;

export const campaignsQuery = (search: CampaignsSearch) =>
  queryOptions({
    queryKey: ['campaigns', 'list', search],
    queryFn: () =>
      data(
        campaignsList({
          query: {
            limit: PAGE_SIZE,
            page: search.page ?? 1,
            ...(search.q ? { q: search.q } : {}),
            ...(search.status ? { status: search.status } : {}),
            ...(search.sort ? { sort: search.sort } : {}),
          },
        }),
      ),
    refetchInterval: () => whileQuiet(LIST_MS),
    placeholderData: (before) => before,
  });

/** Asked for again while its figures move. */
export const campaignQuery = (id: string) =>
  queryOptions({
    queryKey: ['campaigns', 'one', id],
    queryFn: () => data(campaignsGet({ path: { campaign_id: id } })),
    refetchInterval: (query) => (query.state.data && isLive(query.state.data) ? whileQuiet(LIVE_MS) : false),
  });

/** The version that an edit begins with: a background refresh must not move the ground under the form. */
export const campaignEditQuery = (id: string) =>
  queryOptions({
    queryKey: ['campaign-edit', id],
    queryFn: () => data(campaignsGet({ path: { campaign_id: id } })),
    staleTime: Infinity,
    gcTime: 0,
  });

export const contactsQuery = (id: string, search: CampaignSearch, zone: string, live: boolean) =>
  queryOptions({
    queryKey: ['campaigns', 'contacts', id, search, zone],
    queryFn: () =>
      data(
        contactsList({
          path: { campaign_id: id },
          query: { limit: PAGE_SIZE, ...contactQuery(search, zone, Date.now()) },
        }),
      ),
    refetchInterval: () => (live ? whileQuiet(LIVE_MS) : false),
    placeholderData: (before) => before,
  });

export const attemptsQuery = (id: string, contact: string) =>
  queryOptions({
    queryKey: ['campaigns', 'attempts', id, contact],
    queryFn: () =>
      data(attemptsList({ path: { campaign_id: id, campaign_call_id: contact }, query: { limit: PAGE_SIZE } })),
  });

export const numbersQuery = queryOptions({
  queryKey: ['carriers', 'numbers'],
  queryFn: () => data(carriersList({ query: { limit: 200, sort: 'name' } })),
});

export const createCampaign = (body: CampaignCreate) => data(campaignsCreate({ body }));
export const updateCampaign = (id: string, body: CampaignUpdate) =>
  data(campaignsUpdate({ path: { campaign_id: id }, body }));

/** Does it, and gives the id of the campaign to look at next; null: it is gone. Throws ApiError. */
export async function act(action: Action, id: string): Promise<string | null> {
  const path = { campaign_id: id };
  const restart = (scope: 'all' | 'unfinished') => data(campaignsRestart({ path, body: { scope } }));
  const run = {
    start: () => data(campaignsStart({ path })),
    resume: () => data(campaignsResume({ path })),
    pause: () => data(campaignsPause({ path })),
    stop: () => data(campaignsStop({ path })),
    'restart-all': () => restart('all'),
    'restart-unfinished': () => restart('unfinished'),
    'cancel-restart': () => data(campaignsCancelRestart({ path })),
    clone: () => data(campaignsClone({ path })),
  };
  if (action === 'delete') {
    await campaignsDelete({ path });
    return null;
  }
  return (await run[action]()).campaign_id;
}

/** Takes a file that replaces the contacts; the old ones stay when it is refused or never arrives whole. */
export const uploadPath = (id: string) => `/api/v1/campaigns/${encodeURIComponent(id)}/upload`;

export const exclusionsQuery = (id: string, { sort, cursor }: CampaignSearch) =>
  queryOptions({
    queryKey: ['campaigns', 'exclusions', id, { sort, cursor }],
    queryFn: () =>
      data(
        contactsExcluded({
          path: { campaign_id: id },
          query: { limit: PAGE_SIZE, ...(sort ? { sort } : {}), ...(cursor ? { cursor } : {}) },
        }),
      ),
    placeholderData: (before) => before,
  });

/** Both renew everything that is shown of campaigns: contacts and figures change with them. Throw ApiError. */
export function useExclusionChanges(id: string) {
  const renewed = useRenewed('campaigns');
  return {
    exclude: (body: Exclude) => renewed(data(contactsExclude({ path: { campaign_id: id }, body }))),
    include: (phoneNumber: string) =>
      renewed(contactsInclude({ path: { campaign_id: id, phone_number: phoneNumber } })),
  };
}
