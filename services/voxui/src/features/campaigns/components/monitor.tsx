import type { ReactNode } from 'react';

import { Announced } from '@/components/announced';
import { Facts } from '@/components/card';
import { Id } from '@/components/copy';
import { Notice } from '@/components/states';
import { Table, type Column } from '@/components/table';
import { Time } from '@/components/time';
import type { Campaign } from '@/generated';
import { DASH, duration, percent, plural, words } from '@/lib/format';
import { useNow, useZone } from '@/lib/hooks';

import {
  blockedNext,
  isLive,
  numberOf,
  paceSentence,
  readLive,
  stateLine,
  textOf,
  type Live,
  type Pass,
} from '../lib/live';
import { SeatStrip, Trends } from './live-now';
import { Progress } from './status';

interface MonitorProps {
  campaign: Campaign;
  /** When the shown data came, milliseconds since 1970. */
  readAt: number;
}

/** What the dialler does now, and how far the run is. */
export function Monitor({ campaign, readAt }: MonitorProps) {
  const zone = useZone();
  const now = useNow(5_000);
  const live = readLive(campaign.live);
  const moving = isLive(campaign);
  const line = stateLine(campaign.status, live, zone, now);
  return (
    <div className="space-y-5">
      <p className="text-base font-semibold">{line}</p>
      <Announced text={line} />
      {live?.state === 'dialler_away' && (
        <Notice tone="bad">
          Nobody is dialled now; calls under way go on. Start voxdialler, or read in its log why it cannot work: it goes
          on where it was. The figures of the dialler below are its last ones.
        </Notice>
      )}
      {live?.blocked && live.state === 'blocked' && campaign.status === 'running' && <Blocked blocked={live.blocked} />}
      <div className="relative">
        <Progress stats={campaign.stats} name={campaign.name} />
        {moving && live?.etaAt && (
          <p className="absolute right-0 bottom-0 text-xs text-muted">
            Ends about <Time iso={live.etaAt} />
          </p>
        )}
      </div>
      <Tiles campaign={campaign} live={live} moving={moving} />
      {moving && (
        <>
          <SeatStrip live={live} limit={campaign.config.concurrency_limit ?? 1} />
          <Trends campaign={campaign} live={live} readAt={readAt} />
        </>
      )}
      <Funnel campaign={campaign} />
      {live && live.passes.length > 0 && <Passes passes={live.passes} />}
      {live?.pacing && moving && <Pacing pacing={live.pacing} />}
    </div>
  );
}

const Heading = ({ children }: { children: ReactNode }) => <h2 className="mb-2 text-sm font-semibold">{children}</h2>;

function Blocked({ blocked }: { blocked: NonNullable<Live['blocked']> }) {
  return (
    <div className="space-y-3">
      <Notice tone="warn">
        <p>
          Since <Time iso={blocked.since} />. {blockedNext(blocked.reason)}
        </p>
        {blocked.key && <p className="font-mono text-xs break-all">{blocked.key}</p>}
      </Notice>
      {blocked.evidence.length > 0 && (
        <div>
          <Heading>What failed</Heading>
          <ul className="divide-y divide-line rounded-lg border border-line text-sm">
            {blocked.evidence.map((entry, at) => {
              const attempt = textOf(entry.attempt_id);
              return (
                <li key={attempt ?? at} className="flex flex-wrap items-center gap-x-4 gap-y-1 px-3 py-2">
                  <Time iso={textOf(entry.at)} />
                  <span className="font-medium">{words(textOf(entry.code) ?? 'failed')}</span>
                  <span className="min-w-0 grow break-words">{textOf(entry.message) ?? ''}</span>
                  {attempt && <Id value={attempt} what="attempt id" />}
                </li>
              );
            })}
          </ul>
        </div>
      )}
    </div>
  );
}

const count = (value: number | null | undefined) => (value ?? 0).toLocaleString('en');
const rounded = (value: number | null, places: number) => (value === null ? DASH : value.toFixed(places));

function Tiles({ campaign, live, moving }: { campaign: Campaign; live: Live | null; moving: boolean }) {
  const { stats, config } = campaign;
  const now: [string, ReactNode][] = moving
    ? [
        ['Ringing', count(live?.ringing)],
        ['Screening', count(live?.active.amd_screening)],
        ['In a call', `${count(live?.inProgress)} of ${count(config.concurrency_limit)}`],
        ['Dials per second', rounded(live?.dialsPerSecond ?? null, 2)],
        ['Connected per hour', rounded(live?.connectedPerHour ?? null, 0)],
      ]
    : [];
  const tiles: [string, ReactNode][] = [
    ...now,
    ['Pick-up time', live?.pickUpSeconds == null ? DASH : `${live.pickUpSeconds.toFixed(1)} s`],
    ['Last dial', <Time key="last" iso={live?.lastDialAt} relative />],
    ['Waiting', count(stats.pending)],
    ['Retries', count(stats.retry_scheduled)],
    ['Callbacks', count(stats.callback_pending)],
    ['Answer rate', percent(stats.attempt_answer_rate)],
    ['Abandon rate', percent(stats.abandon_rate)],
  ];
  return (
    <dl className="grid grid-cols-2 gap-3 sm:grid-cols-[repeat(auto-fill,minmax(9rem,1fr))]">
      {tiles.map(([name, value]) => (
        <div key={name} className="rounded-lg border border-line px-2 py-2 sm:px-3">
          <dt className="text-xs text-muted">{name}</dt>
          <dd className="num mt-0.5 text-sm font-semibold sm:text-base">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** From the list to the conversation: each step is a part of the one before. */
function Funnel({ campaign }: { campaign: Campaign }) {
  const { total_calls = 0, attempted = 0, answered = 0, connected = 0, completed = 0 } = campaign.stats;
  if (total_calls === 0) return null;
  const steps: [string, number][] = [
    ['Contacts', total_calls],
    ['Attempted', attempted],
    ['Answered', answered],
    ['Connected', connected],
    ['Completed', completed],
  ];
  return (
    <div>
      <Heading>From the list to the conversation</Heading>
      <ul aria-label="From the list to the conversation" className="space-y-1.5">
        {steps.map(([name, value]) => (
          <li key={name} className="grid grid-cols-[6rem_minmax(0,1fr)_5rem] items-center gap-3 text-sm">
            <span className="text-muted">{name}</span>
            <span className="h-2 rounded-full bg-sunken" aria-hidden="true">
              <span
                className="block h-2 rounded-full bg-brand"
                style={{ width: `${Math.min(100, (value / total_calls) * 100)}%` }}
              />
            </span>
            <span className="num text-right">{count(value)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

const seconds = (pass: Pass) =>
  pass.startedAt && pass.endedAt ? (Date.parse(pass.endedAt) - Date.parse(pass.startedAt)) / 1_000 : null;

const PASSES: Column<Pass>[] = [
  { key: 'pass', header: 'Pass', role: 'title', cell: (pass) => (pass.pass === 0 ? 'Callbacks' : `Try ${pass.pass}`) },
  {
    key: 'attempted',
    header: 'Attempted of eligible',
    align: 'right',
    cell: (pass) => `${count(pass.attempted)} of ${count(pass.eligible)}`,
  },
  { key: 'connected', header: 'Connected', align: 'right', cell: (pass) => count(pass.connected) },
  { key: 'rate', header: 'Connect rate', align: 'right', cell: (pass) => percent(pass.connectRate) },
  { key: 'start', header: 'First dial', cell: (pass) => <Time iso={pass.startedAt} /> },
  { key: 'end', header: 'Last end', cell: (pass) => <Time iso={pass.endedAt} /> },
  { key: 'duration', header: 'Duration', align: 'right', cell: (pass) => duration(seconds(pass)) },
];

const Passes = ({ passes }: { passes: Pass[] }) => (
  <div>
    <Heading>Passes</Heading>
    <div className="overflow-hidden rounded-lg border border-line">
      <Table label="Passes of this run" columns={PASSES} rows={passes} rowKey={(pass) => String(pass.pass)} />
    </div>
  </div>
);

/** The figures behind the dial rate, and the sentence that they make. */
function Pacing({ pacing }: { pacing: Record<string, unknown> }) {
  const figure = (key: string, places = 0) => rounded(numberOf(pacing[key]), places);
  const why = textOf(pacing.why);
  const perSecond = numberOf(pacing.rate);
  return (
    <div>
      <Heading>Why this rate</Heading>
      <p className="mb-3 max-w-3xl text-sm">
        {paceSentence(pacing)}
        {why && ` Reason: ${why}.`}
      </p>
      <Facts
        items={[
          ['Seats it may use', numberOf(pacing.seats) === null ? DASH : plural(numberOf(pacing.seats) ?? 0, 'seat')],
          ['Share of the free seats', figure('share')],
          ['Allowed rate', perSecond === null ? DASH : `${perSecond.toFixed(2)} dials/s`],
          ['Brake', figure('brake', 2)],
          ['Contacts in the pool', figure('pool')],
          ['Dials ahead', figure('head')],
          ['Demand', figure('demand')],
          ['Answer rate now', percent(numberOf(pacing.answer_rate))],
          ['Time of a call', duration(numberOf(pacing.aht_seconds))],
          ['Abandon rate now', percent(numberOf(pacing.abandon_rate))],
          ['Abandon rate of the run', percent(numberOf(pacing.run_abandon_rate))],
        ]}
      />
    </div>
  );
}
