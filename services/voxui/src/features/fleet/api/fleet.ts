import { queryOptions } from '@tanstack/react-query';

import { fleetStatus, type FleetStatus } from '@/generated';
import { data } from '@/lib/api';

const REGISTRY_MS = 2_000;
const POLL_MS = 5_000;

export const fleetQuery = queryOptions({
  queryKey: ['fleet', 'status'],
  queryFn: () => data(fleetStatus()),
  refetchInterval: (query) =>
    (query.state.data as FleetStatus | undefined)?.source === 'registry' ? REGISTRY_MS : POLL_MS,
  staleTime: 1_000,
});
