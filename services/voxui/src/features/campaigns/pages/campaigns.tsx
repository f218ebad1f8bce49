import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';

import { Button, buttonClass } from '@/components/button';
import { Card } from '@/components/card';
import { useColumns } from '@/components/columns';
import { Id } from '@/components/copy';
import { Input } from '@/components/field';
import { Icon } from '@/components/icons';
import { List } from '@/components/list';
import { LiveData } from '@/components/live';
import { Page } from '@/components/page';
import { Empty } from '@/components/states';
import { ROW_LINK, type Column } from '@/components/table';
import { Time } from '@/components/time';
import type { CampaignSummary } from '@/generated';
import { percent } from '@/lib/format';
import { useNow, useTyped, useZone } from '@/lib/hooks';

import { campaignsQuery, LIST_MS } from '../api/campaigns';
import { ActionMenu } from '../components/actions';
import { CampaignBadges, Progress } from '../components/status';
import { STATUSES, statusLook } from '../lib/labels';
import { readLive, stateLine } from '../lib/live';
import { CAMPAIGN_ORDERS, type CampaignsSearch } from '../lib/search';

interface CampaignsPageProps {
  search: CampaignsSearch;
  onSearch: (search: CampaignsSearch) => void;
  onOpen: (id: string | null) => void;
  onEdit: (id: string) => void;
}

const NewCampaign = () => (
  <Link to="/dashboard/campaigns/new" className={buttonClass('primary')}>
    <Icon name="plus" className="-ml-0.5 size-4" />
    New campaign
  </Link>
);

export function CampaignsPage({ search, onSearch, onOpen, onEdit }: CampaignsPageProps) {
  const [text, setText] = useTyped(search.q ?? '', (typed) => {
    onSearch({ ...search, q: typed || undefined, page: undefined });
  });
  const campaigns = useQuery(campaignsQuery(search));
  const columns = useColumns('campaigns', campaignColumns(useZone(), useNow(), onOpen, onEdit));
  const isFiltered = search.q !== undefined || search.status !== undefined;
  const clear = () => {
    onSearch({ sort: search.sort });
  };
  return (
    <Page title="Campaigns" actions={<NewCampaign />}>
      <LiveData of={campaigns} everyMs={LIST_MS} />
      <Card>
        <div className="flex flex-wrap items-center gap-2 border-b border-line p-3">
          <Input
            type="search"
            aria-label="Search campaigns by name or id"
            placeholder="Search by name or id"
            value={text}
            className="sm:max-w-64"
            onChange={(event) => {
              setText(event.target.value);
            }}
          />
          <StatusChips
            value={search.status}
            onChange={(status) => {
              onSearch({ ...search, status, page: undefined });
            }}
          />
          {columns.choice}
        </div>
        <List
          query={campaigns}
          what="The campaigns"
          one="campaign"
          label="Campaigns"
          columns={columns.shown}
          rowKey={(row) => row.campaign_id}
          sorting={{
            orders: CAMPAIGN_ORDERS,
            order: search.sort,
            onOrder: (sort) => {
              onSearch({ ...search, sort, page: undefined });
            },
          }}
          turning={{
            page: search.page,
            onPage: (page) => {
              onSearch({ ...search, page });
            },
          }}
          empty={
            isFiltered ? (
              <Empty
                icon="filter"
                title="No campaign fits these filters"
                action={<Button onClick={clear}>Clear filters</Button>}
              >
                No campaign has this name or id, and this state.
              </Empty>
            ) : (
              <Empty icon="campaigns" title="No campaigns yet" action={<NewCampaign />}>
                A campaign calls the contacts of a list with one of your bots, inside the hours that you choose.
              </Empty>
            )
          }
        />
      </Card>
    </Page>
  );
}

/** One state at a time; pressed again, all of them. */
function StatusChips({
  value,
  onChange,
}: {
  value: string | undefined;
  onChange: (value: string | undefined) => void;
}) {
  return (
    <div role="group" aria-label="State" className="flex flex-wrap gap-1">
      {STATUSES.map((status) => (
        <button
          key={status}
          type="button"
          aria-pressed={value === status}
          onClick={() => {
            onChange(value === status ? undefined : status);
          }}
          className="h-8 rounded-full border border-line px-3 text-xs font-medium text-muted hover:bg-sunken aria-pressed:border-brand aria-pressed:bg-brand-soft aria-pressed:text-brand-text"
        >
          {statusLook(status).label}
        </button>
      ))}
    </div>
  );
}

const campaignColumns = (
  zone: string,
  now: number,
  onOpen: CampaignsPageProps['onOpen'],
  onEdit: CampaignsPageProps['onEdit'],
): Column<CampaignSummary>[] => [
  {
    key: 'name',
    header: 'Campaign',
    role: 'title',
    sort: 'name',
    cell: (row) => (
      <span className="block max-w-72 min-w-0">
        <Link
          to="/dashboard/campaigns/$id"
          params={{ id: row.campaign_id }}
          className={`block truncate ${ROW_LINK}`}
          title={row.name}
        >
          {row.name}
        </Link>
        <span className="flex items-center gap-2 text-xs text-muted">
          <span className="truncate">{row.bot_name ?? 'Bot is gone'}</span>
          <Id value={row.campaign_id} what="campaign id" />
        </span>
      </span>
    ),
  },
  {
    key: 'status',
    header: 'State',
    cell: (row) => (
      <span className="block">
        <CampaignBadges status={row.status} alwaysOn={row.always_on} />
        {row.status === 'running' && (
          <span className="mt-0.5 block max-w-64 truncate text-xs text-muted">
            {stateLine(row.status, readLive(row.live), zone, now)}
          </span>
        )}
      </span>
    ),
  },
  { key: 'progress', header: 'Progress', cell: (row) => <Progress stats={row.stats} name={row.name} /> },
  { key: 'answer', header: 'Answer rate', align: 'right', cell: (row) => percent(row.stats.attempt_answer_rate) },
  { key: 'completion', header: 'Completion', align: 'right', cell: (row) => percent(row.stats.completion_rate) },
  { key: 'abandon', header: 'Abandon rate', align: 'right', cell: (row) => percent(row.stats.abandon_rate) },
  { key: 'created', header: 'Created', sort: 'created_at', cell: (row) => <Time iso={row.created_at} /> },
  {
    key: 'started',
    header: 'Started',
    sort: 'started_at',
    optional: true,
    cell: (row) => <Time iso={row.started_at} />,
  },
  {
    key: 'actions',
    header: 'Actions',
    role: 'aside',
    align: 'right',
    cell: (row) => <ActionMenu campaign={row} onOpen={onOpen} onEdit={onEdit} />,
  },
];
