/** What the address says of the list and of a campaign's tabs. */
import type { ContactsListData } from '@/generated';

import { datesOf, readRange, type DayRange } from '@/lib/days';
import { readOrder, readPage } from '@/lib/sort';

import { CALLBACKS } from './labels';

export const CAMPAIGN_ORDERS = ['-created_at', 'created_at', 'name', '-name', '-started_at', 'started_at'] as const;
export const CONTACT_ORDERS = ['row_no', '-last_attempt_at'] as const;
export const EXCLUSION_ORDERS = ['-at', 'at'] as const;

export interface CampaignsSearch {
  q?: string | undefined;
  status?: string | undefined;
  sort?: string | undefined;
  page?: number | undefined;
}

export interface CampaignSearch extends DayRange {
  tab?: string | undefined;
  status?: string | undefined;
  callback?: string | undefined;
  phone?: string | undefined;
  /** Of the list that the tab shows. */
  sort?: string | undefined;
  cursor?: string | undefined;
}

type Raw = Record<string, unknown>;

/** A number in an address is read as one; `+4930…` and `4930…` are both words here. */
const word = (value: unknown) =>
  typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : undefined;

export const readCampaignsSearch = (search: Raw): CampaignsSearch => ({
  q: word(search.q),
  status: word(search.status),
  sort: readOrder(CAMPAIGN_ORDERS, search.sort),
  page: readPage(search.page),
});

export const readCampaignSearch = (search: Raw): CampaignSearch => ({
  ...readRange(search),
  tab: word(search.tab),
  status: word(search.status),
  callback: word(search.callback),
  phone: word(search.phone),
  sort: readOrder(search.tab === 'integration' ? EXCLUSION_ORDERS : CONTACT_ORDERS, search.sort),
  cursor: word(search.cursor),
});

/** As the API takes it: days are those of the last try. */
export function contactQuery(
  search: CampaignSearch,
  zone: string,
  now: number,
): NonNullable<ContactsListData['query']> {
  const callback = CALLBACKS.find((choice) => choice.value === search.callback)?.value;
  return {
    ...(search.status ? { status: search.status } : {}),
    ...(callback ? { callback } : {}),
    ...(search.phone ? { phone: search.phone } : {}),
    ...datesOf(search, zone, now),
    ...(search.sort ? { sort: search.sort } : {}),
    ...(search.cursor ? { cursor: search.cursor } : {}),
  };
}

export const contactFilters = ({ status, callback, phone, range }: CampaignSearch) =>
  [status, callback, phone, range].filter(Boolean).length;
