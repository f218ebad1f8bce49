import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';

import { buttonClass } from '@/components/button';
import { Card, Panel } from '@/components/card';
import { Icon } from '@/components/icons';
import { Page } from '@/components/page';
import { LoadingRows, Problem } from '@/components/states';
import { Table, type Column } from '@/components/table';
import type { CallPage, CallSummary, FleetStatus } from '@/generated';
import { config } from '@/lib/config';
import { DASH } from '@/lib/format';

interface Loads<T> {
  data: T | undefined;
  error: unknown;
  isPending: boolean;
  refetch: () => unknown;
}

interface OverviewProps {
  name: string;
  calls: Loads<CallPage>;
  today: Loads<CallPage>;
  fleet: Loads<FleetStatus>;
  demoBot: { bot_id: string; name: string } | undefined;
  columns: Column<CallSummary>[];
  capacity: ReactNode;
}

export function OverviewPage({ name, calls, today, fleet, demoBot, columns, capacity }: OverviewProps) {
  const rows = calls.data?.items ?? [];
  const isFirstRun = calls.data !== undefined && rows.length === 0;
  return (
    <Page title="Overview" lead={`Hello ${name}.`}>
      <div className="space-y-4">
        {isFirstRun && <FirstRun demoBot={demoBot} />}
        <div className="grid gap-4 sm:grid-cols-2 xl:grid-cols-4">
          <Figure label="Calls now" value={fleet.data?.active_calls} problem={fleet.error} to="/dashboard/fleet" />
          <Figure label="Free seats" value={fleet.data?.available} problem={fleet.error} to="/dashboard/fleet">
            {capacity}
          </Figure>
          <Figure
            label="Calls today"
            value={today.data?.total ?? undefined}
            suffix={today.data?.total_capped ? '+' : ''}
            problem={today.error}
            to="/dashboard/calls"
            search={{ range: 'today' }}
          />
          <Figure
            label="Calls in all"
            value={calls.data?.total ?? undefined}
            suffix={calls.data?.total_capped ? '+' : ''}
            problem={calls.error}
            to="/dashboard/calls"
          />
        </div>
        <Panel
          title="Latest calls"
          flush
          actions={
            <Link to="/dashboard/calls" className={buttonClass('quiet', true)}>
              All calls
            </Link>
          }
        >
          {calls.isPending ? (
            <LoadingRows rows={6} label="Loading the latest calls" />
          ) : !calls.data ? (
            <div className="p-4">
              <Problem error={calls.error} title="The calls could not be loaded" onRetry={calls.refetch} />
            </div>
          ) : rows.length === 0 ? (
            <p className="p-6 text-center text-muted">No calls yet.</p>
          ) : (
            <Table label="Latest calls" columns={columns} rows={rows} rowKey={(call) => call.session_id} />
          )}
        </Panel>
      </div>
    </Page>
  );
}

interface FigureProps {
  label: string;
  value: number | undefined;
  suffix?: string;
  problem: unknown;
  to: '/dashboard/fleet' | '/dashboard/calls';
  search?: { range: 'today' };
  children?: ReactNode;
}

function Figure({ label, value, suffix = '', problem, to, search, children }: FigureProps) {
  return (
    <Card className="relative p-4 transition-colors hover:border-line-strong">
      <Link
        to={to}
        {...(search ? { search } : {})}
        className="text-xs text-muted no-underline after:absolute after:inset-0"
      >
        {label}
      </Link>
      <p className="num mt-1 text-2xl font-semibold tracking-tight">
        {value === undefined ? DASH : value.toLocaleString('en') + suffix}
      </p>
      {value === undefined && problem ? <p className="text-xs text-bad">Could not be loaded</p> : children}
    </Card>
  );
}

/** No calls yet: the shortest ways to the first one. */
function FirstRun({ demoBot }: { demoBot: { bot_id: string; name: string } | undefined }) {
  return (
    <Card className="p-5">
      <h2 className="text-base font-semibold">Make your first call</h2>
      <p className="mt-0.5 text-muted">Everything runs on this machine: no account, no key, no telephone line.</p>
      <div className="mt-4 flex flex-wrap gap-2">
        {demoBot && (
          <Link
            to="/dashboard/bots/$id"
            params={{ id: demoBot.bot_id }}
            search={{ test: 'yes' }}
            className={buttonClass('primary')}
          >
            <Icon name="mic" className="-ml-0.5 size-4" />
            Talk to {demoBot.name}
          </Link>
        )}
        <Link to="/dashboard/bots/create" className={buttonClass(demoBot ? 'plain' : 'primary')}>
          <Icon name="plus" className="-ml-0.5 size-4" />
          Make a bot
        </Link>
        {config.docsUrl && (
          <a href={config.docsUrl} target="_blank" rel="noopener noreferrer" className={buttonClass()}>
            <Icon name="external" className="-ml-0.5 size-4" />
            Read the docs
          </a>
        )}
      </div>
    </Card>
  );
}
