import { queryOptions } from '@tanstack/react-query';

import {
  fleetDrain,
  fleetDrains,
  fleetPutQuota,
  fleetQuotas,
  fleetStatus,
  fleetUndrain,
  type FleetStatus,
  type QuotaBody,
} from '@/generated';
import { data } from '@/lib/api';
import { useRenewed } from '@/lib/hooks';
import { whileQuiet } from '@/lib/stream';

const REGISTRY_MS = 2_000;
const POLL_MS = 5_000;

/** How often the figures are asked for: the registry knows them, workers must be asked one by one. */
export const periodMs = (fleet: FleetStatus | undefined) => (fleet?.source === 'registry' ? REGISTRY_MS : POLL_MS);

export const fleetQuery = queryOptions({
  queryKey: ['fleet', 'status'],
  queryFn: () => data(fleetStatus()),
  refetchInterval: (query) => whileQuiet(periodMs(query.state.data as FleetStatus | undefined)),
  staleTime: 1_000,
  // Each answer is another one, by the ages in it: to look for what stayed the same in 1,000 seats is work for nothing.
  structuralSharing: false,
});

export const SLOWER_MS = 5_000;

export const drainsQuery = queryOptions({
  queryKey: ['fleet', 'drains'],
  queryFn: async () => (await data(fleetDrains({ query: { limit: 200 } }))).items,
  refetchInterval: () => whileQuiet(SLOWER_MS),
});

export const quotasQuery = queryOptions({
  queryKey: ['fleet', 'quotas'],
  queryFn: () => data(fleetQuotas()),
  refetchInterval: () => whileQuiet(SLOWER_MS),
});

/** Each change shows in every view of the fleet at once. */
export function useFleetChanges() {
  const renewed = useRenewed('fleet');
  return {
    drain: (selector: string, reason: string) => renewed(data(fleetDrain({ body: { selector, reason } }))),
    undrain: (selector: string, pool?: string) =>
      renewed(data(fleetUndrain({ body: { selector }, query: pool ? { pool } : {} }))),
    putQuota: (body: QuotaBody, pool: string) => renewed(data(fleetPutQuota({ body, query: { pool } }))),
  };
}
