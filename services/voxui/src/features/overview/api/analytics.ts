import { keepPreviousData, queryOptions } from '@tanstack/react-query';

import {
  analyticsCallsPerHour,
  analyticsDisconnectReasons,
  analyticsDispositions,
  analyticsLatency,
  analyticsOverview,
  callsList,
} from '@/generated';
import { data } from '@/lib/api';
import { whileQuiet } from '@/lib/stream';

import type { Asked } from '../lib/range';

export const PERIOD_MS = 15_000;
const LATEST = 10;

/** What all of them share: asked again now and then, the old figures stay until the new ones are there. */
const SHARED = { refetchInterval: () => whileQuiet(PERIOD_MS), placeholderData: keepPreviousData } as const;

const span = ({ from, to, bot_id, campaign_id }: Asked) => ({
  from,
  to,
  ...(bot_id ? { bot_id } : {}),
  ...(campaign_id ? { campaign_id } : {}),
});

export const figuresQuery = (asked: Asked) =>
  queryOptions({
    ...SHARED,
    queryKey: ['analytics', 'overview', asked],
    queryFn: () => data(analyticsOverview({ query: span(asked) })),
  });
export const callsOverTimeQuery = (asked: Asked) =>
  queryOptions({
    ...SHARED,
    queryKey: ['analytics', 'calls', asked],
    queryFn: () => data(analyticsCallsPerHour({ query: asked })),
  });
export const latencyQuery = (asked: Asked) =>
  queryOptions({
    ...SHARED,
    queryKey: ['analytics', 'latency', asked],
    queryFn: () => data(analyticsLatency({ query: asked })),
  });
export const dispositionsQuery = (asked: Asked) =>
  queryOptions({
    ...SHARED,
    queryKey: ['analytics', 'dispositions', asked],
    queryFn: () => data(analyticsDispositions({ query: span(asked) })),
  });
export const reasonsQuery = (asked: Asked) =>
  queryOptions({
    ...SHARED,
    queryKey: ['analytics', 'reasons', asked],
    queryFn: () => data(analyticsDisconnectReasons({ query: span(asked) })),
  });

export const latestCallsQuery = queryOptions({
  queryKey: ['calls', 'fresh', 'latest'],
  queryFn: () => data(callsList({ query: { limit: LATEST } })),
  refetchInterval: () => whileQuiet(PERIOD_MS),
});
