import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';

import { Badge, Chip } from '@/components/badge';
import { Button, buttonClass } from '@/components/button';
import { Card } from '@/components/card';
import { Id } from '@/components/copy';
import { Input, Select } from '@/components/field';
import { Icon } from '@/components/icons';
import { Page } from '@/components/page';
import { Empty, LoadingBlock, Problem } from '@/components/states';
import { Pages } from '@/components/pager';
import { OrderSelect, ROW_LINK } from '@/components/table';
import { Time } from '@/components/time';
import type { BotSummary } from '@/generated';
import { useTyped } from '@/lib/hooks';
import { PAGE_SIZE } from '@/lib/sort';

import { botListQuery } from '../api/bots';
import { STAGE_KEYS } from '../lib/form';
import { providerLabel } from '../lib/providers';
import { ORDERS, type BotsSearch } from '../lib/search';

interface BotsPageProps {
  search: BotsSearch;
  onSearch: (search: BotsSearch) => void;
}

const FIELDS = [
  { sort: 'name', header: 'Name' },
  { sort: 'updated_at', header: 'Changed' },
];

const NewBot = () => (
  <Link to="/dashboard/bots/create" className={buttonClass('primary')}>
    <Icon name="plus" className="-ml-0.5 size-4" />
    New bot
  </Link>
);

export function BotsPage({ search, onSearch }: BotsPageProps) {
  const change = (changed: BotsSearch) => {
    onSearch({ ...search, page: undefined, ...changed });
  };
  const [text, setText] = useTyped(search.q ?? '', (typed) => {
    change({ q: typed || undefined });
  });
  const bots = useQuery(botListQuery(search));
  const rows = bots.data?.items ?? [];
  // A page that went with its last bot is left as a filter is.
  const isFiltered = search.q !== undefined || search.active !== undefined || search.page !== undefined;
  const clear = () => {
    onSearch({ sort: search.sort });
  };
  return (
    <Page title="Bots" actions={<NewBot />}>
      <div className="mb-4 flex flex-wrap gap-2">
        <Input
          type="search"
          aria-label="Search bots by name"
          placeholder="Search by name"
          value={text}
          className="sm:max-w-64"
          onChange={(event) => {
            setText(event.target.value);
          }}
        />
        <Select
          aria-label="State"
          value={search.active ?? ''}
          className="w-auto! grow sm:grow-0"
          onChange={(event) => {
            change({ active: (event.target.value || undefined) as BotsSearch['active'] });
          }}
        >
          <option value="">All states</option>
          <option value="yes">Active</option>
          <option value="no">Inactive</option>
        </Select>
        <OrderSelect
          label="Bots"
          fields={FIELDS}
          sorting={{
            orders: ORDERS,
            order: search.sort,
            onOrder: (sort) => {
              change({ sort });
            },
          }}
        />
      </div>
      {bots.isPending ? (
        <div className="grid gap-4 sm:grid-cols-2 xl:grid-cols-3">
          {[1, 2, 3].map((card) => (
            <LoadingBlock key={card} label="Loading bots" className="h-36" />
          ))}
        </div>
      ) : bots.isError && !bots.data ? (
        <Problem error={bots.error} title="The bots could not be loaded" onRetry={bots.refetch} />
      ) : rows.length === 0 ? (
        isFiltered ? (
          <Empty icon="filter" title="No bot fits" action={<Button onClick={clear}>Clear filters</Button>}>
            No bot has this name and state.
          </Empty>
        ) : (
          <Empty icon="bots" title="Make your first bot" action={<NewBot />}>
            A bot is a voice with a task: it answers a telephone number, or calls the contacts of a campaign.
          </Empty>
        )
      ) : (
        <ul
          className={`grid gap-4 sm:grid-cols-2 xl:grid-cols-3 ${bots.isPlaceholderData ? 'opacity-60' : ''}`}
          aria-label="Bots"
        >
          {rows.map((bot) => (
            <BotCard key={bot.bot_id} bot={bot} />
          ))}
        </ul>
      )}
      {bots.data && (bots.data.total ?? 0) > PAGE_SIZE && (
        <Card className="mt-4">
          <Pages
            one="bot"
            page={search.page}
            total={bots.data.total ?? rows.length}
            onPage={(page) => {
              change({ page });
            }}
          />
        </Card>
      )}
    </Page>
  );
}

function BotCard({ bot }: { bot: BotSummary }) {
  return (
    <li className="relative flex flex-col gap-3 rounded-xl border border-line bg-surface p-4 transition-colors hover:border-line-strong">
      <div className="flex items-start gap-3">
        <span className="grid size-10 shrink-0 place-items-center rounded-xl bg-brand-soft text-brand-text">
          <Icon name="bots" />
        </span>
        <div className="min-w-0 grow">
          <h2 className="break-words text-[0.9375rem]">
            <Link to="/dashboard/bots/$id" params={{ id: bot.bot_id }} className={ROW_LINK}>
              {bot.name}
            </Link>
          </h2>
          <Id value={bot.bot_id} what="bot id" />
        </div>
        <Badge tone={bot.is_active ? 'ok' : 'neutral'} dot>
          {bot.is_active ? 'Active' : 'Inactive'}
        </Badge>
      </div>
      <div className="flex flex-wrap gap-1.5">
        {STAGE_KEYS.map((key) => (
          <Chip key={key} title={providerLabel(key, bot[key].provider ?? '')}>
            {`${key.toUpperCase()} ${bot[key].model || providerLabel(key, bot[key].provider ?? '')}`}
          </Chip>
        ))}
      </div>
      <p className="mt-auto flex items-center gap-2 text-xs text-muted">
        Changed <Time iso={bot.updated_at} relative />
        {bot.locked && <Badge tone="info">used by a running campaign</Badge>}
      </p>
    </li>
  );
}
