import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import type { Person } from '@/components/author';
import { Button } from '@/components/button';
import { Card } from '@/components/card';
import { useColumns } from '@/components/columns';
import { Id } from '@/components/copy';
import { DownloadButton } from '@/components/download-button';
import { Page } from '@/components/page';
import { NoneOnPage, Pager } from '@/components/pager';
import { Empty, LoadingRows, Problem } from '@/components/states';
import { ROW_LINK, Table, type Column } from '@/components/table';
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
        {page.isPending ? (
          <LoadingRows rows={10} label="Loading the audit log" />
        ) : !page.data ? (
          <div className="p-4">
            <Problem error={page.error} title="The audit log could not be loaded" onRetry={page.refetch} />
          </div>
        ) : rows.length === 0 ? (
          <Nothing search={search} hasMore={page.data.next != null} onSearch={onSearch} />
        ) : (
          <div className={page.isPlaceholderData ? 'opacity-60' : ''}>
            <Table
              label="Audit log"
              columns={columns.shown}
              rows={rows}
              rowKey={(entry) => entry.audit_id}
              sorting={{
                orders: ORDERS,
                order: search.sort,
                onOrder: (sort) => {
                  onSearch({ ...search, sort, cursor: undefined });
                },
              }}
            />
          </div>
        )}
        {page.data && (rows.length > 0 || page.data.next) && (
          <Pager
            one="entry"
            many="entries"
            page={page.data}
            shown={rows.length}
            hasCursor={search.cursor !== undefined}
            onCursor={(cursor) => {
              onSearch({ ...search, cursor });
            }}
          />
        )}
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

interface NothingProps extends Pick<AuditLogProps, 'search' | 'onSearch'> {
  hasMore: boolean;
}

function Nothing({ search, hasMore, onSearch }: NothingProps) {
  if (hasMore) {
    return <NoneOnPage one="entry" />;
  }
  if (isFiltered(search) || search.cursor !== undefined) {
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
