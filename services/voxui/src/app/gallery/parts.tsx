/** Every shared part in each of its states. A part of `src/components` that is missing here fails `gallery.test.tsx`. */
import type { ReactNode } from 'react';

import { Announced } from '@/components/announced';
import { Author } from '@/components/author';
import { Badge, Chip, type Tone } from '@/components/badge';
import { Button, IconButton } from '@/components/button';
import { Card, Facts, Panel } from '@/components/card';
import { ColumnChoice } from '@/components/columns';
import { CodeBlock, CopyButton, Id } from '@/components/copy';
import { Icon, ICONS } from '@/components/icons';
import { List } from '@/components/list';
import { AgeNote, LiveData } from '@/components/live';
import { Logo } from '@/components/logo';
import { NoRecord } from '@/components/no-record';
import { Page } from '@/components/page';
import { Pager, Pages } from '@/components/pager';
import { RangeFilter } from '@/components/range-filter';
import { ServiceFailures } from '@/components/service-failures';
import { PhoneNumber } from '@/components/phone-number';
import { Program } from '@/components/program';
import { Empty, Failed, LoadingBlock, LoadingRows, Notice, Problem, Reason, Skeleton } from '@/components/states';
import { StepList } from '@/components/step-list';
import { OrderSelect, Table, type Column } from '@/components/table';
import { Tabs } from '@/components/tabs';
import { Time } from '@/components/time';
import { StepButtons } from '@/components/wizard';
import { ApiError } from '@/lib/api';

import { FIELDS } from './fields';
import { OVERLAYS } from './overlays';

export type States = Record<string, ReactNode>;

const ID = '0d4f1c52-7a1b-4f0e-9a63-5f1f3c9f2b11';
const LONG = 'A very long name without much sense that has to end somewhere before the edge of a small screen';
const nothing = () => undefined;
const away = new ApiError(503, 'store_unavailable', 'The store does not answer.', ID);
const limited = new ApiError(429, 'rate_limited', 'Too many requests.', ID, null, 3_600);
const TONES: Tone[] = ['neutral', 'ok', 'warn', 'bad', 'info', 'violet', 'brand'];
const LOOKS = ['primary', 'plain', 'quiet', 'danger'] as const;
const STEPS = ['Basics', 'Number pool', 'Contacts', 'Dialler'].map((label) => ({ key: label, label }));
const ROWS = [
  { name: 'Ada', calls: 12 },
  { name: LONG, calls: 123_456 },
];

/** States that differ by one value. */
const each = <Key extends string>(keys: readonly Key[], draw: (key: Key) => ReactNode): States =>
  Object.fromEntries(keys.map((key) => [key, draw(key)]));

const noRecord = (query: object) => (
  <NoRecord query={query as never} what="call" id={ID} icon="calls" list={{ to: '/dashboard/calls', label: 'Calls' }} />
);
const callers = (order: string) => ({
  label: 'Callers',
  rowKey: (row: (typeof ROWS)[0]) => row.name,
  sorting: { orders: ['name', 'calls', '-calls'] as const, order, onOrder: nothing },
  columns: [
    { key: 'name', header: 'Name', role: 'title', cell: (row) => row.name },
    { key: 'calls', header: 'Calls', align: 'right', sort: 'calls', cell: (row) => row.calls },
  ] satisfies Column<(typeof ROWS)[0]>[],
});
const table = (rows: typeof ROWS, order: string) => <Table {...callers(order)} rows={rows} />;
const list = (data: object | undefined, page?: number, error: unknown = null) => (
  <List
    {...callers('name')}
    query={{ data, error, isPending: data === undefined && error === null, refetch: nothing } as never}
    what="The callers"
    one="caller"
    turning={{ page, onPage: nothing }}
    empty={<p>Nobody has called.</p>}
  />
);

export const PARTS: Record<string, States> = {
  PhoneNumber: {
    known: <PhoneNumber value="+4930901820" />,
  },
  Announced: {
    unseen: <Announced text="3 new calls" />,
  },
  Author: {
    known: <Author id="u1" people={[{ user_id: 'u1', name: 'Ada' }]} />,
    service: <Author id="dialler" people={[]} />,
    'by id': <Author id={ID} people={[]} />,
  },
  Badge: {
    ...each(TONES, (tone) => (
      <Badge tone={tone} dot>
        {tone}
      </Badge>
    )),
    'no dot': <Badge>Draft</Badge>,
  },
  Chip: { short: <Chip>deepgram</Chip>, long: <Chip title={LONG}>{LONG}</Chip> },
  Button: {
    ...each(LOOKS, (look) => <Button look={look}>{look}</Button>),
    ...Object.fromEntries(LOOKS.map((look) => [`${look}, small`, <Button key={look} look={look} small icon="plus">{look}</Button>])), // prettier-ignore
    disabled: <Button disabled>Save changes</Button>,
    busy: (
      <Button look="primary" busy="Saving …">
        Save changes
      </Button>
    ),
    waits: <Button after={limited}>Try again</Button>,
  },
  IconButton: {
    plain: <IconButton icon="trash" label="Delete" />,
    disabled: <IconButton icon="trash" label="Delete it" disabled />,
  },
  Card: { plain: <Card className="p-4">Content</Card> },
  Facts: {
    some: (
      <Facts
        items={[
          ['Name', 'Ada'],
          ['Note', LONG],
          ['Id', <Id key="id" value={ID} />],
        ]}
      />
    ),
  },
  Panel: {
    plain: <Panel title="Calls">Content</Panel>,
    full: (
      <Panel title="Queue" hint={LONG} actions={<Button small>Refresh</Button>}>
        Content
      </Panel>
    ),
    flush: (
      <Panel title="Callers" flush>
        {table(ROWS, 'name')}
      </Panel>
    ),
  },
  ColumnChoice: {
    plain: (
      <ColumnChoice
        columns={[
          { header: 'Name', shown: true, onToggle: nothing },
          { header: 'Calls', shown: false, onToggle: nothing },
        ]}
      />
    ),
  },
  CopyButton: { plain: <CopyButton value="x" what="address" /> },
  Id: { plain: <Id value={ID} /> },
  CodeBlock: { long: <CodeBlock value={`curl ${LONG} ${LONG}`} what="command" /> },
  Icon: each(ICONS, (name) => <Icon name={name} />),
  Logo: {
    plain: <Logo />,
    narrow: <Logo narrow />,
    'on dark': (
      <span className="inline-block bg-black p-2">
        <Logo onDark />
      </span>
    ),
  },
  NoRecord: {
    loading: noRecord({ isPending: true, error: null }),
    gone: noRecord({ isPending: false, error: new ApiError(404, 'not_found', 'There is no such call.') }),
    failed: noRecord({ isPending: false, error: away, refetch: nothing }),
  },
  AgeNote: {
    now: <AgeNote age={{ at: Date.now(), seconds: 4, isOld: false }} />,
    old: <AgeNote age={{ at: Date.UTC(2026, 10, 28, 14, 5, 9), seconds: 12, isOld: true }} />,
    'since yesterday': <AgeNote age={{ at: Date.UTC(2026, 10, 28, 14, 5, 9), seconds: 90_000, isOld: true }} />,
  },
  LiveData: {
    nothing: <LiveData of={{ dataUpdatedAt: 0, fetchStatus: 'idle', failureCount: 0 }} everyMs={1_000} />,
  },
  Page: {
    plain: <Page title="Users">Content</Page>,
    'old data': (
      <Page title="Fleet">
        <LiveData of={{ dataUpdatedAt: 1, fetchStatus: 'idle', failureCount: 0 }} everyMs={1_000} />
        <div className="flex flex-wrap gap-2">{TONES.map((tone) => <Badge key={tone} tone={tone} dot>{tone}</Badge>)}</div>
        <p className="text-muted">Content</p>
        <a href="#content" className="text-brand-text">A link</a>
        <Button look="primary">Do it</Button>
      </Page>
    ), // prettier-ignore
    full: (
      <Page
        title={LONG}
        beside={<Badge tone="ok">Running</Badge>}
        lead={LONG}
        actions={<Button look="primary">Add user</Button>}
        back={{ to: '/dashboard', label: 'Overview' }}
      >
        Content
      </Page>
    ),
  },
  OrderSelect: {
    plain: (
      <OrderSelect
        label="Callers"
        fields={[{ sort: 'name', header: 'Name' }]}
        sorting={{ orders: ['name', '-name'], order: '-name', onOrder: nothing }}
      />
    ),
  },
  List: {
    rows: list({ items: ROWS, total: 53 }),
    loading: list(undefined),
    failed: list(undefined, undefined, away),
    none: list({ items: [] }),
    'nothing of this page': list({ items: [], total: 50 }, 2),
  },
  Pager: {
    last: <Pager one="call" page={{ total: 3 }} shown={3} hasCursor={false} onCursor={nothing} />,
    middle: <Pager one="call" page={{ total: 10_000, total_capped: true, next: 'c' }} shown={50} hasCursor onCursor={nothing} />, // prettier-ignore
    uncounted: <Pager one="entry" many="entries" page={{ next: 'c' }} shown={50} hasCursor={false} onCursor={nothing} />, // prettier-ignore
  },
  Pages: {
    only: <Pages one="user" page={undefined} total={3} onPage={nothing} />,
    middle: <Pages one="user" page={2} total={137} onPage={nothing} />,
  },
  RangeFilter: {
    open: <RangeFilter all="All time" search={{}} onChange={nothing} />,
    chosen: <RangeFilter all="All time" search={{ range: 'custom', from: '2026-11-01' }} onChange={nothing} />,
  },
  Program: { order: <Program title="Dial out" path="/sip/dialout" order={{ bot_id: 'demo', to: '+15550100' }} /> },
  ServiceFailures: {
    some: (
      <ServiceFailures
        events={[
          { type: 'service_error', data: { stage: 'stt', provider: 'openai', message: 'HTTP 503', action: 'retry' } },
          { type: 'service_error', data: { stage: 'tts', provider: 'openai', message: LONG, action: 'give_up' } },
        ]}
      />
    ),
    unknown: <ServiceFailures events={[{ type: 'service_error', data: { stage: 'of_tomorrow', action: 'waited' } }]} />,
    none: <ServiceFailures events={[{ type: 'call_started', data: {} }]} />,
  },
  Skeleton: { line: <Skeleton /> },
  LoadingRows: { three: <LoadingRows rows={3} label="Loading calls" /> },
  LoadingBlock: { plain: <LoadingBlock label="Loading the chart" /> },
  Reason: { plain: <Reason error={away} />, waits: <Reason error={limited} />, foreign: <Reason error={new Error(LONG)} /> }, // prettier-ignore
  Problem: {
    'of the server': <Problem error={away} onRetry={nothing} />,
    limited: <Problem error={limited} title="Not saved" onRetry={nothing} />,
    foreign: <Problem error={new Error(LONG)} />,
  },
  Empty: {
    action: (
      <Empty icon="bots" title="Make your first bot" action={<Button look="primary">New bot</Button>}>
        {LONG}
      </Empty>
    ),
    plain: (
      <Empty icon="dnc" title="Nobody is on the list">
        Numbers appear here.
      </Empty>
    ),
  },
  Notice: each(['info', 'warn', 'bad', 'ok'], (tone) => <Notice tone={tone}>{LONG}</Notice>),
  Failed: { bad: <Failed error={away} />, warn: <Failed error={limited} tone="warn" />, nothing: <Failed error={null} /> }, // prettier-ignore
  StepList: {
    new: <StepList steps={STEPS} at={1} onStep={nothing} wrong={[]} isNew />,
    wrong: <StepList steps={STEPS} at={0} onStep={nothing} wrong={[false, true]} isNew={false} />,
  },
  Table: { sorted: table(ROWS, '-calls'), unsorted: table(ROWS.slice(0, 1), 'name'), none: table([], 'name') },
  Tabs: {
    counted: (
      <Tabs
        label="Of a call"
        value="a"
        onChange={nothing}
        tabs={[
          { key: 'a', label: 'Events', count: 12, content: 'Content' },
          { key: 'b', label: 'Tools', content: '' },
        ]}
      />
    ),
  },
  Time: {
    today: <Time iso={new Date().toISOString()} />,
    relative: <Time iso="2026-01-02T03:04:05Z" relative />,
    old: <Time iso="2020-01-02T03:04:05Z" />,
    never: <Time iso={null} relative />,
    none: <Time iso={null} />,
  },
  StepButtons: {
    first: <StepButtons at={0} steps={4} onStep={nothing} changed busy={false} error={null} isNew what="bot" />,
    last: <StepButtons at={3} steps={4} onStep={nothing} changed={false} busy={false} error={null} isNew={false} what="bot" />, // prettier-ignore
    busy: <StepButtons at={1} steps={4} onStep={nothing} changed busy error={null} isNew={false} what="bot" />,
  },
  ...FIELDS,
  ...OVERLAYS,
};
