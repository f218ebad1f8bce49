import { Badge } from '@/components/badge';
import { Id } from '@/components/copy';
import { Table, type Column } from '@/components/table';
import { Time } from '@/components/time';
import type { Campaign, PastRun } from '@/generated';
import { percent } from '@/lib/format';

import { actionText, reasonText } from '../lib/labels';

const RUNS: Column<PastRun>[] = [
  { key: 'run', header: 'Run', role: 'title', cell: (run) => `Run ${run.run_number}` },
  { key: 'start', header: 'Started', cell: (run) => <Time iso={run.started_at} /> },
  { key: 'end', header: 'Ended', cell: (run) => <Time iso={run.completed_at} /> },
  { key: 'reason', header: 'Why', cell: (run) => reasonText(run.completion_reason) || '–' },
  {
    key: 'total',
    header: 'Contacts',
    align: 'right',
    cell: (run) => (run.stats.total_calls ?? 0).toLocaleString('en'),
  },
  { key: 'answer', header: 'Answer rate', align: 'right', cell: (run) => percent(run.stats.attempt_answer_rate) },
  { key: 'connect', header: 'Connect rate', align: 'right', cell: (run) => percent(run.stats.connect_rate) },
];

/** Who did what, newest first, and the runs before this one. */
export function ActivityLog({ campaign }: { campaign: Campaign }) {
  const entries = campaign.activity_log.toSorted((one, other) => other.at.localeCompare(one.at));
  return (
    <div className="space-y-6">
      {campaign.restart_history.length > 0 && (
        <section>
          <h2 className="mb-2 text-sm font-semibold">Former runs</h2>
          <div className="overflow-hidden rounded-lg border border-line">
            <Table
              label="Former runs"
              columns={RUNS}
              rows={campaign.restart_history.toReversed()}
              rowKey={(run) => String(run.run_number)}
            />
          </div>
        </section>
      )}
      <section>
        <h2 className="mb-2 text-sm font-semibold">What happened</h2>
        {entries.length === 0 ? (
          <p className="text-muted">Nothing yet: starts, pauses and ends are written here.</p>
        ) : (
          <ol className="divide-y divide-line">
            {entries.map((entry) => (
              <li
                key={`${entry.at} ${entry.action}`}
                className="flex flex-wrap items-center gap-x-4 gap-y-1 py-2 sm:grid sm:grid-cols-[7rem_9rem_1fr]"
              >
                <Time iso={entry.at} />
                <span className="font-medium">{actionText(entry.action)}</span>
                {entry.by === 'system' ? (
                  <Badge>by itself</Badge>
                ) : (
                  <span className="text-muted">by {entry.by_name || <Id value={entry.by} what="user id" />}</span>
                )}
              </li>
            ))}
          </ol>
        )}
      </section>
    </div>
  );
}
