import { Link } from '@tanstack/react-router';

import { Facts } from '@/components/card';
import { CopyButton, Id } from '@/components/copy';
import { Dialog } from '@/components/dialog';
import { Table, type Column } from '@/components/table';
import { Time } from '@/components/time';
import type { AuditEntry } from '@/generated';
import { DASH } from '@/lib/format';

import { changesOf, type Change } from '../lib/changes';
import { pageOf } from '../lib/entity';

const Value = ({ text }: { text: string }) => (
  <span className="block max-w-64 font-mono text-xs break-words whitespace-pre-wrap">{text}</span>
);

const COLUMNS: Column<Change>[] = [
  {
    key: 'field',
    header: 'Field',
    role: 'title',
    cell: (change) => <span className="font-medium">{change.field}</span>,
  },
  { key: 'before', header: 'Old', cell: (change) => <Value text={change.before} /> },
  { key: 'after', header: 'New', cell: (change) => <Value text={change.after} /> },
];

/** One entry: what was changed, from where, by which request. */
export function EntryDialog({ entry, onClose }: { entry: AuditEntry; onClose: () => void }) {
  const changes = changesOf(entry);
  const page = pageOf(entry);
  return (
    <Dialog open wide onOpenChange={onClose} title={entry.action}>
      <div className="space-y-4">
        <Facts
          items={[
            ['When', <Time key="at" iso={entry.at} />],
            ['Who', entry.actor_name || entry.actor_id],
            [
              'What',
              <span key="entity" className="inline-flex flex-wrap items-center gap-1">
                {page ? <Link to={page}>{entry.entity_type}</Link> : entry.entity_type}
                <Id value={entry.entity_id} what="id of the entity" />
              </span>,
            ],
            ['Address', entry.ip || DASH],
            [
              'Request',
              <span key="request" className="inline-flex items-center gap-1 font-mono text-xs">
                {entry.request_id ? entry.request_id.slice(0, 8) : DASH}
                {entry.request_id && <CopyButton value={entry.request_id} what="request id" />}
              </span>,
            ],
          ]}
        />
        {changes.length === 0 ? (
          <p className="text-sm text-muted">No field was changed.</p>
        ) : (
          <div className="overflow-hidden rounded-lg border border-line">
            <Table label="Changes" columns={COLUMNS} rows={changes} rowKey={(change) => change.field} />
          </div>
        )}
      </div>
    </Dialog>
  );
}
