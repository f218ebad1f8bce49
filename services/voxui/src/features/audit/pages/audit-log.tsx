import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import type { Person } from '@/components/author';
import { Button } from '@/components/button';
import { Card } from '@/components/card';
import { useColumns } from '@/components/columns';
import { Id } from '@/components/copy';
import { DownloadButton } from '@/components/download-button';
import { List } from '@/components/list';
import { Page } from '@/components/page';
import { Empty } from '@/components/states';
import { ROW_LINK, type Column } from '@/components/table';
import { Time } from '@/components/time';
import type { AuditEntry } from '@/generated';
import { DASH, plural } from '@/lib/format';
import { useZone } from '@/lib/hooks';

import { auditQuery, exportCsv } from '../api/audit';
import { AuditFilters } from '../components/audit-filters';
import { EntryDialog } from '../components/entry-dialog';
import { isFiltered, ORDERS, type AuditSearch } from '../lib/filters';

interface AuditLogProps {
  search: AuditSearch;
  onSearch: (search: AuditSearch) => void;
  people: Person[];
}

export function AuditLogPage({ search, onSearch, people }: AuditLogProps) {
  const zone = useZone();
  const page = useQuery(auditQuery(search, zone));
  const [open, setOpen] = useState<AuditEntry | null>(null);
  const rows = page.data?.items ?? [];
  const columns = useColumns<AuditEntry>('audit', [
    {
      key: 'action',
      header: 'Action',
      role: 'title',
      cell: (entry) => (
        <button
          type="button"
          className={ROW_LINK}
          onClick={() => {
            setOpen(entry);
          }}
        >
          {entry.action}
        </button>
      ),
    },
    ...COLUMNS,
  ]);
  return (
    <Page
      title="Audit log"
      lead="Who changed what, and when. Entries are never changed."
      actions={<DownloadButton run={(tell) => exportCsv(search, zone, tell)} />}
    >
      <Card>
        <AuditFilters search={search} onSearch={onSearch} people={people} rows={rows} extra={columns.choice} />
        <List
          query={page}
          what="The audit log"
          one="entry"
          many="entries"
          label="Audit log"
          columns={columns.shown}
          rowKey={(entry) => entry.audit_id}
          sorting={{
            orders: ORDERS,
            order: search.sort,
            onOrder: (sort) => {
              onSearch({ ...search, sort, cursor: undefined });
            },
          }}
          turning={{
            cursor: search.cursor,
            onCursor: (cursor) => {
              onSearch({ ...search, cursor });
            },
          }}
          empty={<Nothing search={search} onSearch={onSearch} />}
        />
      </Card>
      {open && (
        <EntryDialog
          entry={open}
          onClose={() => {
            setOpen(null);
          }}
        />
      )}
    </Page>
  );
}

const whoOf = (entry: AuditEntry) => (entry.actor_id === 'system' ? 'Vox itself' : entry.actor_name || entry.actor_id);

const COLUMNS: Column<AuditEntry>[] = [
  { key: 'at', header: 'When', sort: 'at', cell: (entry) => <Time iso={entry.at} /> },
  {
    key: 'actor',
    header: 'Who',
    cell: (entry) => <span className="block max-w-48 truncate">{whoOf(entry)}</span>,
  },
  {
    key: 'entity',
    header: 'Entity',
    cell: (entry) => (
      <span className="inline-flex items-center gap-1">
        {entry.entity_type} <Id value={entry.entity_id} what="id of the entity" />
      </span>
    ),
  },
  { key: 'changes', header: 'Changes', cell: (entry) => plural(Object.keys(entry.changes).length, 'field') },
  { key: 'ip', header: 'Address', cell: (entry) => <span className="font-mono text-xs">{entry.ip || DASH}</span> },
];

function Nothing({ search, onSearch }: Pick<AuditLogProps, 'search' | 'onSearch'>) {
  if (isFiltered(search)) {
    const clear = () => {
      onSearch({ sort: search.sort });
    };
    return (
      <Empty icon="filter" title="No entry fits these filters" action={<Button onClick={clear}>Clear filters</Button>}>
        Actions, kinds and ids must be whole, such as “bot.update”.
      </Empty>
    );
  }
  return (
    <Empty icon="audit" title="Nothing was changed yet">
      Every change that somebody makes in this console or by the API is written down here.
    </Empty>
  );
}
