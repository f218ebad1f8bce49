import { Link } from '@tanstack/react-router';

import { Button, buttonClass } from '@/components/button';
import { LoadingRows, Notice } from '@/components/states';
import { duration } from '@/lib/format';
import { useNow } from '@/lib/hooks';

import type { CallState } from '../lib/browser-call';
import { useStoredCall } from '../lib/stored-call';
import { CallResult } from './call-result';
import { TroubleNotice } from './trouble-notice';

const ASK_AT_MOST_MS = 120_000;

export function AfterCall({ state, onAgain, onReset }: { state: CallState; onAgain: () => void; onReset: () => void }) {
  const talked = state.answeredAt !== null;
  const now = useNow(1_000);
  const late = state.endedAt !== null && now - state.endedAt > ASK_AT_MOST_MS;
  const call = useStoredCall({ stream_id: state.streamId }, talked && !late).data?.record;
  const seconds =
    state.answeredAt !== null && state.endedAt !== null ? (state.endedAt - state.answeredAt) / 1_000 : null;
  const by = { you: 'You hung up', bot: 'The bot hung up', transfer: 'Transferred' };
  return (
    <div className="space-y-4">
      {state.trouble ? (
        <TroubleNotice trouble={state.trouble} />
      ) : (
        <p role="status">
          {call?.disconnected_by === 'error'
            ? 'The call broke off'
            : state.endedBy
              ? by[state.endedBy]
              : 'The call ended'}
          {seconds !== null && ` after ${duration(seconds)}`}. {state.note}
        </p>
      )}
      {talked &&
        (call ? (
          <CallResult call={call} customer="You" />
        ) : late ? (
          <Notice tone="warn">
            The result of this call has not come. It appears in the list of calls when the worker delivers it.
          </Notice>
        ) : (
          <LoadingRows rows={3} label="Waiting for the result of the call" />
        ))}
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={onReset}>Change values</Button>
        <Button icon="mic" after={state.trouble?.error} onClick={onAgain}>
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
