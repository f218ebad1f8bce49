import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';

import { Badge } from '@/components/badge';
import { buttonClass } from '@/components/button';
import { Card, Panel } from '@/components/card';
import { LiveData } from '@/components/live';
import { Page } from '@/components/page';
import { Empty, LoadingBlock, Notice, Problem } from '@/components/states';
import { Table, type Column } from '@/components/table';
import type { FleetStatus } from '@/generated';

import { fleetQuery, periodMs } from '../api/fleet';
import { Capacity } from '../components/capacity';
import { DrainDialog, Drains } from '../components/drains';
import { Queue } from '../components/queue';
import { QuotasPanel } from '../components/quotas';
import { SeatMap } from '../components/seat-map';
import { readSeats, type Names, type Target } from '../lib/seats';

type Host = FleetStatus['workers'][number];

const HOSTS: Column<Host>[] = [
  {
    key: 'url',
    header: 'Worker',
    role: 'title',
    cell: (host) => <span className="font-mono text-[0.8125rem] break-all">{host.url}</span>,
  },
  { key: 'state', header: 'State', role: 'aside', cell: (host) => <HostState host={host} /> },
  { key: 'calls', header: 'Calls', align: 'right', cell: (host) => host.worker_calls },
  { key: 'free', header: 'Free seats', align: 'right', cell: (host) => host.total_available },
  { key: 'seats', header: 'Seats', align: 'right', cell: (host) => host.total_capacity },
];

function HostState({ host }: { host: Host }) {
  if (host.status === 'unreachable') {
    return (
      <Badge tone="bad" dot>
        Unreachable
      </Badge>
    );
  }
  return host.draining ? (
    <Badge tone="warn" dot>
      Draining
    </Badge>
  ) : (
    <Badge tone="ok" dot>
      Healthy
    </Badge>
  );
}

interface FleetPageProps {
  names: Names;
  mayChange: boolean;
}

export function FleetPage({ names, mayChange }: FleetPageProps) {
  const fleet = useQuery(fleetQuery);
  return (
    <Page title="Fleet" lead="The workers that carry calls. One seat carries one call.">
      <LiveData of={fleet} everyMs={periodMs(fleet.data)} />
      {fleet.isPending ? (
        <LoadingBlock label="Loading the fleet" className="h-64" />
      ) : !fleet.data ? (
        <Problem error={fleet.error} title="The fleet could not be loaded" onRetry={fleet.refetch} />
      ) : fleet.data.workers.length === 0 && (fleet.data.seats ?? []).length === 0 ? (
        <Empty
          icon="fleet"
          title="No workers are known"
          action={
            mayChange ? (
              <Link to="/dashboard/settings/$section" params={{ section: 'fleet' }} className={buttonClass('primary')}>
                Add worker addresses
              </Link>
            ) : undefined
          }
        >
          Calls need at least one worker. Its address stands in the settings, or the registry names it.
        </Empty>
      ) : (
        <Loaded fleet={fleet.data} names={names} mayChange={mayChange} />
      )}
    </Page>
  );
}

function Loaded({ fleet, names, mayChange }: FleetPageProps & { fleet: FleetStatus }) {
  const seats = useMemo(() => readSeats(fleet.seats ?? []), [fleet.seats]);
  const [draining, setDraining] = useState<Target | null>(null);
  const view = fleet.fleet;
  const figures: [string, number][] = [
    ['Seats', fleet.total_capacity],
    ['Free', fleet.available],
    ['In calls', fleet.active_calls],
    ...(view
      ? ([
          ['Reserved', view.reserved],
          ['Saving', view.wrapping],
          ['Draining', view.draining],
          ['Lost', view.lost],
          ['Waiting', view.waiting],
        ] as [string, number][])
      : []),
  ];
  return (
    <div className="space-y-4">
      <Card className="p-4">
        <div className="flex flex-wrap items-end gap-x-10 gap-y-4">
          {figures.map(([name, value]) => (
            <div key={name}>
              <p className="text-xs text-muted">{name}</p>
              <p className="num text-2xl font-semibold tracking-tight">{value}</p>
            </div>
          ))}
          <div className="min-w-56 grow">
            <Capacity busy={fleet.total_capacity - fleet.available} total={fleet.total_capacity} />
          </div>
          <p className="text-xs text-muted">Source: {fleet.source}</p>
        </div>
      </Card>
      {fleet.source === 'poll' && (
        <Notice>
          The registry of seats gives no answer, or none is set up: these figures come from asking each worker in turn.
          Once it answers, every seat is shown with its state.
        </Notice>
      )}
      {view?.status === 'rebuilding' && (
        <Notice tone="warn">
          The registry reads the seats anew after a restart; the figures are whole in a few seconds.
        </Notice>
      )}
      {seats.length > 0 && <SeatMap seats={seats} names={names} {...(mayChange ? { onDrain: setDraining } : {})} />}
      {fleet.source === 'registry' && (
        <>
          <Drains mayChange={mayChange} />
          {view && <Queue fleet={view} />}
          <QuotasPanel mayChange={mayChange} total={fleet.total_capacity} />
        </>
      )}
      {draining && (
        <DrainDialog
          target={draining}
          onClose={() => {
            setDraining(null);
          }}
        />
      )}
      {fleet.workers.length > 0 && (
        <Panel title="Workers" flush>
          <Table label="Workers" columns={HOSTS} rows={fleet.workers} rowKey={(host) => host.url} />
        </Panel>
      )}
    </div>
  );
}
