import type { CallSummary } from '@/generated';

/** How many calls came since this page was loaded: newer than its newest row. */
export function newCalls(shown: CallSummary[] | undefined, fresh: CallSummary[] | undefined): number {
  if (!shown || !fresh) return 0;
  const newest = shown[0]?.created_at ?? '';
  const known = new Set(shown.map((call) => call.session_id));
  return fresh.filter((call) => !known.has(call.session_id) && call.created_at >= newest).length;
}
