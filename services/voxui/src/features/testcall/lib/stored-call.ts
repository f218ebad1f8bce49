import { useQuery } from '@tanstack/react-query';

import { callsGet, callsList, type CallRecord, type CallSummary } from '@/generated';
import { data } from '@/lib/api';

const ASK_MS = 2_000;

/** A call is known to whoever made it by the name of its stream, or by the id that the dialout answered. */
export type CallKey = { stream_id: string } | { call_id: string };

export interface StoredCall {
  /** null: nobody has answered yet. */
  summary: CallSummary | null;
  /** The whole record, once the call is over and its result is there. */
  record: CallRecord | null;
}

/** The call as the platform knows it, asked for until its result is there. */
export function useStoredCall(key: CallKey, wanted: boolean) {
  return useQuery({
    queryKey: ['calls', 'test', key],
    enabled: wanted,
    queryFn: async (): Promise<StoredCall> => {
      const summary = (await data(callsList({ query: key }))).items[0] ?? null;
      const over = summary !== null && summary.status !== 'in_progress';
      return { summary, record: over ? await data(callsGet({ path: { session_id: summary.session_id } })) : null };
    },
    refetchInterval: (query) => (query.state.data?.record ? false : ASK_MS),
  });
}
