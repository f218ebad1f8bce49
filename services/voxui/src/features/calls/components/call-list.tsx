import { useQuery, useQueryClient } from '@tanstack/react-query';

import { Announced } from '@/components/announced';
import { Button } from '@/components/button';
import { Card } from '@/components/card';
import { useColumns } from '@/components/columns';
import { DownloadButton } from '@/components/download-button';
import { List } from '@/components/list';
import { LiveData } from '@/components/live';
import { Empty } from '@/components/states';
import type { CallSummary } from '@/generated';
import { plural } from '@/lib/format';
import { useZone } from '@/lib/hooks';
import type { Tell } from '@/lib/progress';

import { callsQuery, exportCsv, freshCallsQuery, LIST_MS } from '../api/calls';
import { newCalls } from '../lib/arrivals';
import type { CampaignName } from '../lib/campaigns';
import { exportRefusal, filterCount, ORDERS, type CallSearch } from '../lib/filters';
import { callColumns } from './call-columns';
import { CallFilters } from './call-filters';

interface CallListProps {
  search: CallSearch;
  onSearch: (search: CallSearch) => void;
  bots: { bot_id: string; name: string }[];
  campaigns?: CampaignName[];
  fixedBot?: boolean;
}

export function CallList({ search, onSearch, bots, campaigns = [], fixedBot = false }: CallListProps) {
  const zone = useZone();
  const queries = useQueryClient();
  const page = useQuery(callsQuery(search, zone));
  const fresh = useQuery(freshCallsQuery(search, zone));
  const rows = withFresh(page.data?.items ?? [], fresh.data?.items ?? []);
  const arrived = newCalls(page.data?.items, fresh.data?.items);
  const base: CallSearch = fixedBot ? { bot_id: search.bot_id } : {};
  const columns = useColumns('calls', callColumns(campaigns));
  const isFiltered = filterCount(search) > filterCount(base);

  const change = (changed: Partial<CallSearch>) => {
    onSearch({ ...search, ...changed, cursor: undefined });
  };
  const clear = () => {
    onSearch(base);
  };
  return (
    <Card>
      <LiveData of={fresh} everyMs={LIST_MS} />
      <CallFilters
        search={search}
        onChange={change}
        onClear={clear}
        bots={bots}
        campaigns={campaigns}
        fixedBot={fixedBot}
        extra={columns.choice}
      />
      <Announced text={arrived > 0 ? plural(arrived, 'new call') : ''} />
      {arrived > 0 && (
        <button
          type="button"
          className="w-full border-b border-line bg-brand-soft px-4 py-2 text-sm font-medium text-brand-text hover:underline"
          onClick={() => void queries.invalidateQueries({ queryKey: ['calls', 'list'] })}
        >
          {plural(arrived, 'new call')}: show
        </button>
      )}
      <List
        query={page}
        rows={rows}
        what="The calls"
        one="call"
        label="Calls"
        columns={columns.shown}
        rowKey={(call) => call.session_id}
        sorting={{
          orders: ORDERS,
          order: search.sort,
          onOrder: (sort) => {
            change({ sort });
          },
        }}
        turning={{
          cursor: search.cursor,
          onCursor: (cursor) => {
            onSearch({ ...search, cursor });
          },
        }}
        empty={<NoCalls isFiltered={isFiltered} onClear={clear} />}
      />
    </Card>
  );
}

/** Rows stay where they are; only what they say is renewed. */
const withFresh = (shown: CallSummary[], fresh: CallSummary[]) => {
  const known = new Map(fresh.map((call) => [call.session_id, call]));
  return shown.map((call) => known.get(call.session_id) ?? call);
};

function NoCalls({ isFiltered, onClear }: { isFiltered: boolean; onClear: () => void }) {
  return isFiltered ? (
    <Empty icon="filter" title="No call fits these filters" action={<Button onClick={onClear}>Clear filters</Button>}>
      Take one away, or choose a longer time.
    </Empty>
  ) : (
    <Empty icon="calls" title="No calls yet">
      Every call of every bot appears here, with its recording and transcript. Make the first one: open a bot and press
      “Test in browser”.
    </Empty>
  );
}

/** The same selection as a file. Says beforehand when the server would refuse it. */
export function ExportButton({ search }: { search: CallSearch }) {
  const zone = useZone();
  const run = async (tell: Tell) => {
    const refusal = exportRefusal(search, zone, Date.now());
    if (refusal) throw new Error(refusal);
    await exportCsv(search, zone, tell);
  };
  return <DownloadButton run={run} />;
}
