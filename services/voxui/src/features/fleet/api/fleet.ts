import { queryOptions } from '@tanstack/react-query';

import { fleetStatus, type FleetStatus } from '@/generated';
import { data } from '@/lib/api';
import { whileQuiet } from '@/lib/stream';

const REGISTRY_MS = 2_000;
const POLL_MS = 5_000;

/** How often the figures are asked for: the registry knows them, workers must be asked one by one. */
export const periodMs = (fleet: FleetStatus | undefined) =>
  whileQuiet(fleet?.source === 'registry' ? REGISTRY_MS : POLL_MS);

export const fleetQuery = queryOptions({
  queryKey: ['fleet', 'status'],
  queryFn: () => data(fleetStatus()),
  refetchInterval: (query) => periodMs(query.state.data as FleetStatus | undefined),
  staleTime: 1_000,
});
