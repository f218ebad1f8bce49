import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { Button } from '@/components/button';
import { Panel } from '@/components/card';
import { Confirm } from '@/components/dialog';
import { Field, Input } from '@/components/field';
import { LiveData } from '@/components/live';
import { LoadingRows, Problem } from '@/components/states';
import { Table, type Column } from '@/components/table';
import { Time } from '@/components/time';
import { useToast } from '@/components/toast';
import type { DrainShown } from '@/generated';
import { DASH, duration, plural } from '@/lib/format';
import { LATE_MS } from '@/lib/stream';

import { drainsQuery, SLOWER_MS, useFleetChanges } from '../api/fleet';
import { selectorText, type Target } from '../lib/seats';

/** Asks before seats get no more calls; says how many calls go on. */
export function DrainDialog({ target, onClose }: { target: Target; onClose: () => void }) {
  const [reason, setReason] = useState('');
  const { drain } = useFleetChanges();
  const toast = useToast();
  const live = target.seats.filter((seat) => seat.state === 'busy' || seat.state === 'wrapping').length;
  const reserved = target.seats.filter((seat) => seat.state === 'reserved').length;
  return (
    <Confirm
      open
      onOpenChange={onClose}
      title={`Drain ${target.name}?`}
      action="Drain"
      busyText="Draining …"
      onConfirm={async () => {
        const done = await drain(target.selector, reason.trim());
        toast(`${plural(done.seats, 'seat')} ${done.seats === 1 ? 'gets' : 'get'} no new calls`);
      }}
    >
      <div className="space-y-4">
        <p>
          {plural(target.seats.length, 'seat')} {target.seats.length === 1 ? 'gets' : 'get'} no new call from now on.{' '}
          {live > 0
            ? `${plural(live, 'live call')} ${live === 1 ? 'goes' : 'go'} on until ${live === 1 ? 'it ends by itself' : 'they end by themselves'}.`
            : 'No call is under way there.'}
          {reserved > 0 &&
            ` ${plural(reserved, 'call')} that ${reserved === 1 ? 'was' : 'were'} promised a seat still ${reserved === 1 ? 'gets' : 'get'} it.`}
        </p>
        <Field label="Reason" hint="Everybody who looks at the fleet reads it." optional>
          <Input
            value={reason}
            maxLength={256}
            onChange={(event) => {
              setReason(event.target.value);
            }}
          />
        </Field>
      </div>
    </Confirm>
  );
}

/** Every drain, how far it is, and when its last call may end. */
export function Drains({ mayChange }: { mayChange: boolean }) {
  const drains = useQuery(drainsQuery);
  const [lifting, setLifting] = useState<DrainShown | null>(null);
  const { undrain } = useFleetChanges();
  const toast = useToast();
  const age = <LiveData of={drains} everyMs={SLOWER_MS} lateMs={LATE_MS.drainsAndQuotas} />;
  if (drains.data?.length === 0) return age;
  const pools = new Set(drains.data?.map((drain) => drain.pool));
  const columns: Column<DrainShown>[] = [
    { key: 'what', header: 'Drain', role: 'title', cell: (drain) => selectorText(drain.selector) },
    ...(pools.size > 1 ? [{ key: 'pool', header: 'Pool', cell: (drain: DrainShown) => drain.pool }] : []),
    { key: 'reason', header: 'Reason', cell: (drain) => drain.reason || DASH },
    { key: 'by', header: 'By', cell: (drain) => drain.by || DASH },
    { key: 'since', header: 'Since', cell: (drain) => <Time iso={new Date(drain.since_ms).toISOString()} relative /> },
    { key: 'done', header: 'Empty', align: 'right', cell: (drain) => `${drain.drained} of ${drain.seats}` },
    { key: 'busy', header: 'On a call', align: 'right', cell: (drain) => drain.busy },
    { key: 'oldest', header: 'Oldest call', align: 'right', cell: (drain) => span(drain.oldest_call_ms) },
    { key: 'eta', header: 'Done in about', align: 'right', cell: (drain) => span(drain.eta_ms) },
    ...(mayChange
      ? [
          {
            key: 'lift',
            header: '',
            role: 'aside' as const,
            cell: (drain: DrainShown) => (
              <Button
                small
                aria-label={`Lift the drain of ${selectorText(drain.selector)}`}
                onClick={() => {
                  setLifting(drain);
                }}
              >
                Lift
              </Button>
            ),
          },
        ]
      : []),
  ];
  return (
    <Panel title="Drains" hint="These seats get no new call" flush>
      {age}
      {drains.isPending ? (
        <LoadingRows rows={2} label="Loading the drains" />
      ) : !drains.data ? (
        <div className="p-4">
          <Problem error={drains.error} title="The drains could not be loaded" onRetry={drains.refetch} />
        </div>
      ) : (
        <Table
          label="Drains"
          columns={columns}
          rows={drains.data}
          rowKey={(drain) => `${drain.pool} ${drain.selector}`}
        />
      )}
      {lifting && (
        <Confirm
          open
          onOpenChange={() => {
            setLifting(null);
          }}
          title={`Lift the drain: ${selectorText(lifting.selector)}`}
          action="Lift the drain"
          busyText="Lifting …"
          look="primary"
          onConfirm={async () => {
            await undrain(lifting.selector, lifting.pool);
            toast('The drain is lifted');
          }}
        >
          <p>
            {plural(lifting.seats, 'seat')} may get calls again, unless another drain holds{' '}
            {lifting.seats === 1 ? 'it' : 'them'}.
          </p>
        </Confirm>
      )}
    </Panel>
  );
}

const span = (ms: number | null | undefined) => (ms == null ? DASH : duration(ms / 1_000));
