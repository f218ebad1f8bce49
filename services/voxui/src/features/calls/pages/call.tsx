import { useQuery, useQueryClient, type UseQueryResult } from '@tanstack/react-query';
import { useCallback, useMemo, useState } from 'react';

import { Badge } from '@/components/badge';
import { IconButton } from '@/components/button';
import { Card, Panel } from '@/components/card';
import { Id } from '@/components/copy';
import { Confirm } from '@/components/dialog';
import { DownloadButton } from '@/components/download-button';
import { LiveData } from '@/components/live';
import { Menu } from '@/components/menu';
import { NoRecord } from '@/components/no-record';
import { Page } from '@/components/page';
import { LoadingBlock, Notice } from '@/components/states';
import { Tabs } from '@/components/tabs';
import { Time } from '@/components/time';
import { useToast } from '@/components/toast';
import type { CallRecord } from '@/generated';
import { phone } from '@/lib/format';

import { callQuery, deleteCall, downloadRecording, exportJson, LIVE_MS } from '../api/calls';
import { StatusBadge } from '../components/call-columns';
import { CallFacts } from '../components/call-facts';
import { CallBanners, Outcome } from '../components/call-outcome';
import { callTabs } from '../components/call-tabs';
import { RecordingPlayer } from '../components/recording-player';
import { Transcript } from '../components/transcript';
import { Waterfall } from '../components/waterfall';
import { usePlayer } from '../lib/player';
import { events as eventsOf, lines as linesOf, marks } from '../lib/record';

/** What the address says of the page. */
export interface CallPageSearch {
  tab?: string | undefined;
  /** The one type of event that is shown. */
  event?: string | undefined;
}

interface CallPageProps {
  id: string;
  search: CallPageSearch;
  onSearch: (search: CallPageSearch) => void;
  mayDelete: boolean;
  onDeleted: () => void;
}

const BACK = { to: '/dashboard/calls', label: 'Calls' };

export function CallPage(props: CallPageProps) {
  const call = useQuery(callQuery(props.id));
  if (!call.data) {
    return (
      <NoRecord query={call} what="call" id={props.id} icon="calls" list={BACK}>
        <div className="grid gap-4 xl:grid-cols-[3fr_2fr]">
          <LoadingBlock label="Loading the call" className="h-96" />
          <LoadingBlock label="Loading the call" className="h-96" />
        </div>
      </NoRecord>
    );
  }
  return <CallDetail {...props} call={call.data} query={call} />;
}

interface CallDetailProps extends CallPageProps {
  call: CallRecord;
  query: UseQueryResult<CallRecord>;
}

function CallDetail({ call, query, search, onSearch, mayDelete, onDeleted }: CallDetailProps) {
  const [player, audio] = usePlayer();
  const lines = useMemo(() => linesOf(call), [call]);
  const events = useMemo(() => eventsOf(call), [call]);
  const marked = useMemo(() => marks(events), [events]);
  const samples = useMemo(() => call.latency_samples ?? [], [call]);
  const isLive = call.status === 'in_progress';
  const hasRecording = !isLive && Boolean(call.recording_url);
  const { playFrom } = player;
  const seekTurn = useCallback(
    (turn: number) => {
      const line = lines.find((entry) => entry.turn === turn && entry.role === 'assistant');
      if (line) playFrom(line.startMs);
    },
    [lines, playFrom],
  );
  return (
    <Page
      title={call.caller_id ? phone(call.caller_id) : 'Unknown customer'}
      back={BACK}
      beside={
        <>
          <StatusBadge status={call.status} />
          {call.disposition && <Badge tone="brand">{call.disposition}</Badge>}
        </>
      }
      lead={
        <span className="flex flex-wrap items-center gap-x-3">
          <span>
            {call.call_direction === 'outgoing' ? 'Outgoing call' : 'Incoming call'} with {call.bot_name || call.bot_id}
          </span>
          <Time iso={call.created_at} />
          <Id value={call.session_id} what="call id" />
        </span>
      }
      actions={<CallActions call={call} hasRecording={hasRecording} mayDelete={mayDelete} onDeleted={onDeleted} />}
    >
      {isLive && <LiveData of={query} everyMs={LIVE_MS} />}
      <CallBanners call={call} />
      <CallFacts call={call} />
      <div className="mt-4 grid gap-4 xl:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <div className="min-w-0 space-y-4">
          <Card>
            <div className="border-b border-line p-4">
              {isLive ? (
                <p role="status" className="text-muted">
                  The call is running. Recording and transcript appear here when it ends.
                </p>
              ) : hasRecording ? (
                <RecordingPlayer
                  path={`/api/v1/recordings/${encodeURIComponent(call.session_id)}`}
                  player={player}
                  audio={audio}
                  durationMs={(call.call_duration_seconds ?? 0) * 1_000}
                  marks={marked}
                  lines={lines}
                />
              ) : (
                <Notice>
                  No recording. It is switched off at the bot, is still being uploaded, or was removed after its
                  retention time.
                </Notice>
              )}
            </div>
            {lines.length > 0 ? (
              <Transcript
                lines={lines}
                clock={player.clock}
                playing={player.playing}
                onPlayFrom={hasRecording ? playFrom : undefined}
              />
            ) : (
              <p className="p-4 text-muted">{isLive ? 'No transcript yet.' : 'Nobody said anything in this call.'}</p>
            )}
          </Card>
        </div>
        <div className="min-w-0 space-y-4">
          <Outcome call={call} />
          <Panel title="Response time" hint="From the customer’s last sound to the bot’s first, turn by turn">
            <Waterfall samples={samples} summary={call.latency} onSeekTurn={hasRecording ? seekTurn : undefined} />
          </Panel>
        </div>
      </div>
      <div className="mt-4">
        <Card className="p-4 pt-2">
          <Tabs
            label="More about this call"
            value={search.tab ?? 'events'}
            onChange={(tab) => {
              onSearch({ tab });
            }}
            tabs={callTabs(call, events, lines, {
              type: search.event,
              onType: (event) => {
                onSearch({ ...search, event });
              },
            })}
          />
        </Card>
      </div>
    </Page>
  );
}

interface ActionsProps {
  call: CallRecord;
  hasRecording: boolean;
  mayDelete: boolean;
  onDeleted: () => void;
}

function CallActions({ call, hasRecording, mayDelete, onDeleted }: ActionsProps) {
  const toast = useToast();
  const queries = useQueryClient();
  const [asking, setAsking] = useState(false);
  return (
    <>
      <DownloadButton label="Export JSON" run={(tell) => exportJson(call.session_id, tell)} />
      {hasRecording && (
        <DownloadButton
          label="Recording"
          icon="wave"
          busyText="Loading …"
          run={(tell) => downloadRecording(call.session_id, tell)}
        />
      )}
      {mayDelete && (
        <Menu
          trigger={<IconButton icon="more" label="More actions" className="size-9" />}
          items={[
            {
              label: 'Delete call',
              icon: 'trash',
              danger: true,
              disabled: call.status === 'in_progress',
              onSelect: setAsking.bind(null, true),
            },
          ]}
        />
      )}
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title="Delete this call?"
        action="Delete call"
        busyText="Deleting …"
        onConfirm={async () => {
          await deleteCall(call.session_id);
          await queries.invalidateQueries({ queryKey: ['calls'] });
          toast('The call is deleted');
          onDeleted();
        }}
      >
        1 call goes with its recording, transcript and figures. Nobody can bring it back; its public recording link
        stops working at once.
      </Confirm>
    </>
  );
}
