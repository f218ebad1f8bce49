import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';

import { Badge } from '@/components/badge';
import { Button, buttonClass } from '@/components/button';
import { LoadingRows, Notice } from '@/components/states';
import { callsGet, callsList } from '@/generated';
import { data } from '@/lib/api';
import { duration, milliseconds } from '@/lib/format';
import { useNow } from '@/lib/hooks';

import type { CallState } from '../lib/browser-call';

const ASK_MS = 2_000;
const ASK_AT_MOST_MS = 120_000;

/** The call as the platform knows it, once its result is there. */
function useStoredCall(streamId: string, wanted: boolean) {
  return useQuery({
    queryKey: ['calls', 'stream', streamId],
    enabled: wanted,
    queryFn: async () => {
      const found = (await data(callsList({ query: { stream_id: streamId } }))).items[0];
      if (!found || found.status === 'in_progress') return null;
      return data(callsGet({ path: { session_id: found.session_id } }));
    },
    refetchInterval: (query) => (query.state.data ? false : ASK_MS),
  });
}

export function AfterCall({ state, onAgain, onReset }: { state: CallState; onAgain: () => void; onReset: () => void }) {
  const talked = state.answeredAt !== null;
  const now = useNow(1_000);
  const late = state.endedAt !== null && now - state.endedAt > ASK_AT_MOST_MS;
  const stored = useStoredCall(state.streamId, talked && !late);
  const call = stored.data;
  const seconds =
    state.answeredAt !== null && state.endedAt !== null ? (state.endedAt - state.answeredAt) / 1_000 : null;
  const by = { you: 'You hung up', bot: 'The bot hung up', transfer: 'Transferred' };
  return (
    <div className="space-y-4">
      {state.trouble ? (
        <Notice tone="bad">
          <p className="font-medium">{state.trouble.title}</p>
          <p>{state.trouble.text}</p>
        </Notice>
      ) : (
        <p role="status">
          {state.endedBy ? by[state.endedBy] : 'The call ended'}
          {seconds !== null && ` after ${duration(seconds)}`}. {state.note}
        </p>
      )}
      {talked &&
        (call ? (
          <div className="rounded-xl border border-line">
            <div className="flex flex-wrap items-center gap-2 border-b border-line px-4 py-2.5">
              {call.disposition && <Badge tone="brand">{call.disposition}</Badge>}
              <span className="num text-xs text-muted">
                {call.latency?.turns
                  ? `${milliseconds(call.latency.total_avg_response_ms)} average response`
                  : 'No turn was measured'}
              </span>
            </div>
            <ol
              // A keyboard must be able to scroll a long list.
              // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
              tabIndex={0}
              aria-label="Transcript of the test call"
              className="max-h-72 space-y-2 overflow-y-auto p-4"
            >
              {(call.transcript ?? [])
                .filter((line) => line.role !== 'tool')
                .map((line, at) => (
                  <li key={at} className="grid grid-cols-[4.5rem_1fr] gap-2">
                    <span
                      className={`text-xs leading-5 font-medium ${line.role === 'user' ? 'text-info' : 'text-brand-text'}`}
                    >
                      {line.role === 'user' ? 'You' : 'Bot'}
                    </span>
                    <span className="break-words">{String(line.content)}</span>
                  </li>
                ))}
              {(call.transcript ?? []).length === 0 && <li className="text-muted">Nobody said anything.</li>}
            </ol>
          </div>
        ) : late ? (
          <Notice tone="warn">
            The result of this call has not come. It appears in the list of calls when the worker delivers it.
          </Notice>
        ) : (
          <LoadingRows rows={3} label="Waiting for the result of the call" />
        ))}
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={onReset}>Change values</Button>
        <Button icon="mic" onClick={onAgain}>
          {state.trouble ? 'Try again' : 'Call again'}
        </Button>
        {call && (
          <Link to="/dashboard/calls/$id" params={{ id: call.session_id }} className={buttonClass('primary')}>
            Open the call
          </Link>
        )}
      </div>
    </div>
  );
}
