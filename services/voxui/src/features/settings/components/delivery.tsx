import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { Badge, type Tone } from '@/components/badge';
import { Button } from '@/components/button';
import { Panel } from '@/components/card';
import { useColumns } from '@/components/columns';
import { Id } from '@/components/copy';
import { Select } from '@/components/field';
import { List } from '@/components/list';
import { Empty, Problem } from '@/components/states';
import { Time } from '@/components/time';
import { useToast } from '@/components/toast';
import { outboxRetry, type OutboxJob } from '@/generated';
import { DASH, words } from '@/lib/format';

import { outboxQuery } from '../api/settings';
import { ORDERS, STATUSES, statusText, type JobStatus, type OutboxSearch } from '../lib/outbox';

const ENDED = new Set(['done', 'dead']);
const TONE: Record<string, Tone> = { pending: 'info', leased: 'info', done: 'ok', dead: 'bad' };

export interface DeliveryProps {
  search: OutboxSearch;
  onSearch: (search: OutboxSearch) => void;
}

/** What could not be delivered yet: results to a CRM, recordings to delete. */
export function Delivery({ search, onSearch }: DeliveryProps) {
  const jobs = useQuery(outboxQuery(search));
  const queries = useQueryClient();
  const toast = useToast();
  const [problem, setProblem] = useState<unknown>(null);
  const retry = async (id: string) => {
    setProblem(null);
    try {
      await outboxRetry({ path: { id } });
      toast('It is tried again now');
      await queries.invalidateQueries({ queryKey: ['outbox'] });
    } catch (error) {
      setProblem(error);
    }
  };
  const change = (changed: OutboxSearch) => {
    onSearch({ ...search, cursor: undefined, ...changed });
  };
  const columns = useColumns<OutboxJob>('outbox', [
    {
      key: 'kind',
      header: 'What',
      role: 'title',
      cell: (job) => <span className="font-medium">{words(job.kind)}</span>,
    },
    {
      key: 'status',
      header: 'State',
      cell: (job) => <Badge tone={TONE[job.status] ?? 'neutral'}>{statusText(job.status)}</Badge>,
    },
    {
      key: 'key',
      header: 'For',
      cell: (job) => <Id value={job.key} what="key" />,
    },
    { key: 'attempts', header: 'Tries', align: 'right', cell: (job) => job.attempts },
    {
      key: 'next',
      header: 'Next try',
      sort: 'next_attempt_at',
      cell: (job) => (ENDED.has(job.status) ? DASH : <Time iso={job.next_attempt_at} />),
    },
    {
      key: 'error',
      header: 'Last error',
      cell: (job) => (
        <span className="block max-w-72 truncate" title={job.last_error ?? ''}>
          {job.last_error ?? DASH}
        </span>
      ),
    },
    {
      key: 'actions',
      header: 'Actions',
      role: 'aside',
      align: 'right',
      cell: (job) =>
        // What waits is tried by itself.
        job.status === 'dead' && (
          <Button small after={problem} onClick={() => void retry(job.id)}>
            Retry
          </Button>
        ),
    },
  ]);
  return (
    <Panel title="Delivery" hint="Work that goes to other systems, with its tries" actions={columns.choice} flush>
      <div className="border-b border-line px-4 py-3">
        <Select
          aria-label="State"
          value={search.status ?? ''}
          className="w-full sm:w-auto!"
          onChange={(event) => {
            change({ status: (event.target.value || undefined) as JobStatus | undefined });
          }}
        >
          <option value="">All states</option>
          {STATUSES.map(({ value, label }) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </Select>
      </div>
      {problem !== null && (
        <div className="p-4">
          <Problem error={problem} title="It could not be retried" />
        </div>
      )}
      <List
        query={jobs}
        what="The deliveries"
        one="delivery"
        many="deliveries"
        label="Deliveries"
        columns={columns.shown}
        rowKey={(job) => job.id}
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
            change({ cursor });
          },
        }}
        empty={
          <Nothing
            isFiltered={search.status !== undefined}
            onClear={() => {
              onSearch({ sort: search.sort });
            }}
          />
        }
      />
    </Panel>
  );
}

function Nothing({ isFiltered, onClear }: { isFiltered: boolean; onClear: () => void }) {
  return isFiltered ? (
    <Empty icon="filter" title="No delivery fits" action={<Button onClick={onClear}>Clear filters</Button>}>
      No delivery is in this state.
    </Empty>
  ) : (
    <Empty icon="check" title="Nothing is waiting">
      Everything that had to reach another system has arrived.
    </Empty>
  );
}
