import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { Badge, type Tone } from '@/components/badge';
import { Button } from '@/components/button';
import { Panel } from '@/components/card';
import { Id } from '@/components/copy';
import { Empty, LoadingRows, Problem } from '@/components/states';
import { Table, type Column } from '@/components/table';
import { Time } from '@/components/time';
import { useToast } from '@/components/toast';
import { outboxRetry, type OutboxJob } from '@/generated';
import { DASH, words } from '@/lib/format';

import { outboxQuery } from '../api/settings';

const TONE: Record<string, Tone> = { pending: 'info', leased: 'info', done: 'ok', dead: 'bad' };

/** What could not be delivered yet: results to a CRM, recordings to delete. */
export function Delivery() {
  const jobs = useQuery(outboxQuery);
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
  const columns: Column<OutboxJob>[] = [
    {
      key: 'kind',
      header: 'What',
      role: 'title',
      cell: (job) => <span className="font-medium">{words(job.kind)}</span>,
    },
    {
      key: 'status',
      header: 'State',
      cell: (job) => <Badge tone={TONE[job.status] ?? 'neutral'}>{words(job.status)}</Badge>,
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
      cell: (job) => (job.status === 'done' ? DASH : <Time iso={job.next_attempt_at} />),
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
      key: 'retry',
      header: '',
      role: 'aside',
      align: 'right',
      cell: (job) =>
        job.status === 'done' ? null : (
          <Button small after={problem} onClick={() => void retry(job.id)}>
            Retry
          </Button>
        ),
    },
  ];
  return (
    <Panel title="Delivery" hint="Work that goes to other systems, with its tries" flush>
      {problem !== null && (
        <div className="p-4">
          <Problem error={problem} title="It could not be retried" />
        </div>
      )}
      {jobs.isPending ? (
        <LoadingRows label="Loading deliveries" />
      ) : !jobs.data ? (
        <div className="p-4">
          <Problem error={jobs.error} title="The deliveries could not be loaded" onRetry={jobs.refetch} />
        </div>
      ) : jobs.data.items.length === 0 ? (
        <Empty icon="check" title="Nothing is waiting">
          Everything that had to reach another system has arrived.
        </Empty>
      ) : (
        <Table label="Deliveries" columns={columns} rows={jobs.data.items} rowKey={(job) => job.id} />
      )}
    </Panel>
  );
}
