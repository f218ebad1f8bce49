import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';

import { buttonClass } from '@/components/button';
import { Card, Panel } from '@/components/card';
import { Icon } from '@/components/icons';
import { LiveData } from '@/components/live';
import { Page } from '@/components/page';
import { LoadingRows, Problem } from '@/components/states';
import { Table, type Column } from '@/components/table';
import type { CallSummary, FleetStatus } from '@/generated';
import { config } from '@/lib/config';
import { DASH } from '@/lib/format';
import { useNow, useZone } from '@/lib/hooks';

import { figuresQuery, latestCallsQuery, PERIOD_MS } from '../api/analytics';
import type { Loads } from '../components/chart-panel';
import { Charts } from '../components/all-charts';
import { Figures, FiguresLoading } from '../components/figures';
import { RangeBar } from '../components/range-bar';
import { askedOf, type Asked, type OverviewSearch } from '../lib/range';

export interface RunningCampaign {
  id: string;
  name: string;
  progress: ReactNode;
}

interface OverviewProps {
  name: string;
  search: OverviewSearch;
  onSearch: (search: OverviewSearch) => void;
  fleet: Loads<FleetStatus>;
  running: Loads<RunningCampaign[]>;
  bots: { id: string; name: string }[];
  campaigns: { id: string; name: string }[];
  demoBot: { bot_id: string; name: string } | undefined;
  columns: Column<CallSummary>[];
  capacity: ReactNode;
  endedBy: (value: string) => string;
  /** The age of what was handed over. */
  ages: ReactNode;
}

export function OverviewPage(props: OverviewProps) {
  const { name, search, onSearch, bots, campaigns, demoBot, columns } = props;
  const zone = useZone();
  const now = useNow(60_000);
  const calls = useQuery(latestCallsQuery);
  const rows = calls.data?.items ?? [];
  const isFirstRun = calls.data !== undefined && rows.length === 0;
  const asked = askedOf(search, zone, now);
  return (
    <Page title="Overview" lead={`Hello ${name}.`}>
      {props.ages}
      <LiveData of={calls} everyMs={PERIOD_MS} />
      <div className="space-y-4">
        {isFirstRun && <FirstRun demoBot={demoBot} />}
        <NowRow {...props} />
        {!isFirstRun && (
          <>
            <RangeBar search={search} onSearch={onSearch} bots={bots} campaigns={campaigns} zone={zone} now={now} />
            {typeof asked !== 'string' && <Analytics asked={asked} endedBy={props.endedBy} />}
          </>
        )}
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

function Analytics({ asked, endedBy }: { asked: Asked; endedBy: (value: string) => string }) {
  const figures = useQuery(figuresQuery(asked));
  return (
    <>
      {/* They are counted some seconds after the call. */}
      <LiveData of={figures} everyMs={PERIOD_MS} lateMs={Infinity} />
      {figures.isPending ? (
        <FiguresLoading />
      ) : !figures.data ? (
        <Problem error={figures.error} title="The figures could not be loaded" onRetry={figures.refetch} />
      ) : (
        <Figures overview={figures.data} isOld={figures.isPlaceholderData} />
      )}
      <Charts asked={asked} endedBy={endedBy} />
    </>
  );
}

/** What happens at this moment, whatever the range is. */
function NowRow({ fleet, running, capacity }: OverviewProps) {
  return (
    <div className="grid grid-cols-2 gap-4 xl:grid-cols-[1fr_1fr_2fr]">
      <Figure label="Calls now" value={fleet.data?.active_calls} problem={fleet.error} />
      <Figure label="Free seats" value={fleet.data?.available} problem={fleet.error}>
        {capacity}
      </Figure>
      <Card className="col-span-2 p-4 xl:col-span-1">
        <h2 className="text-xs text-muted">Running campaigns</h2>
        {running.data === undefined ? (
          <p className="mt-1 text-sm text-muted">{running.isPending ? 'Loading …' : 'Could not be loaded'}</p>
        ) : running.data.length === 0 ? (
          <p className="mt-1 text-sm text-muted">None is running.</p>
        ) : (
          <ul className="mt-2 max-h-40 space-y-3 overflow-y-auto">
            {running.data.map((campaign) => (
              <li key={campaign.id} className="grid gap-x-4 gap-y-1 sm:grid-cols-[minmax(0,1fr)_minmax(0,1fr)]">
                <Link
                  to="/dashboard/campaigns/$id"
                  params={{ id: campaign.id }}
                  className="truncate text-sm font-medium text-ink no-underline hover:underline"
                >
                  {campaign.name}
                </Link>
                {campaign.progress}
              </li>
            ))}
          </ul>
        )}
      </Card>
    </div>
  );
}

interface FigureProps {
  label: string;
  value: number | undefined;
  problem: unknown;
  children?: ReactNode;
}

function Figure({ label, value, problem, children }: FigureProps) {
  return (
    <Card className="relative p-4 transition-colors hover:border-line-strong">
      <Link to="/dashboard/fleet" className="text-xs text-muted no-underline after:absolute after:inset-0">
        {label}
      </Link>
      <p className="num mt-1 text-2xl font-semibold tracking-tight">
        {value === undefined ? DASH : value.toLocaleString('en')}
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
