import { queryOptions } from '@tanstack/react-query';

import {
  carriersAddDid,
  carriersCreate,
  carriersDelete,
  carriersDeleteDid,
  carriersGet,
  carriersList,
  carriersSync,
  carriersUpdate,
  carriersUpdateDid,
  type CarrierCreate,
  type CarrierUpdate,
  type DidFields,
} from '@/generated';
import { data } from '@/lib/api';
import { useRenewed } from '@/lib/hooks';
import { PAGE_SIZE } from '@/lib/sort';

import type { CarriersSearch } from '../lib/search';

/** A breaker opens and closes by itself. */
const BREAKER_MS = 15_000;

export const carriersQuery = ({ sort, page }: CarriersSearch) =>
  queryOptions({
    queryKey: ['carriers', 'list', { sort, page }],
    queryFn: () => data(carriersList({ query: { limit: PAGE_SIZE, page: page ?? 1, ...(sort ? { sort } : {}) } })),
    refetchInterval: BREAKER_MS,
    placeholderData: (before) => before,
  });

export const carrierQuery = (id: string) =>
  queryOptions({
    queryKey: ['carriers', 'one', id],
    queryFn: () => data(carriersGet({ path: { carrier_id: id } })),
    refetchInterval: BREAKER_MS,
  });

/** What changes carriers; each renews what is shown of them, also when it was refused. */
export function useCarrierChanges() {
  const renewed = useRenewed('carriers');
  return {
    create: (body: CarrierCreate) => renewed(data(carriersCreate({ body }))),
    update: (id: string, body: CarrierUpdate) => renewed(data(carriersUpdate({ path: { carrier_id: id }, body }))),
    sync: (id: string) => renewed(data(carriersSync({ path: { carrier_id: id } }))),
    /** The page leaves before the lists are asked again: a carrier that is gone would be asked for once more. */
    remove: (id: string) => carriersDelete({ path: { carrier_id: id } }),
    addNumber: (id: string, body: DidFields) => renewed(data(carriersAddDid({ path: { carrier_id: id }, body }))),
    updateNumber: (id: string, didId: string, body: DidFields) =>
      renewed(data(carriersUpdateDid({ path: { carrier_id: id, did_id: didId }, body }))),
    removeNumber: (id: string, didId: string) =>
      renewed(carriersDeleteDid({ path: { carrier_id: id, did_id: didId } })),
  };
}
