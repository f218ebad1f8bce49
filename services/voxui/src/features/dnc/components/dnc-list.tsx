import { useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';

import { Author, type Person } from '@/components/author';
import { Button, IconButton } from '@/components/button';
import { Card } from '@/components/card';
import { useColumns } from '@/components/columns';
import { Confirm } from '@/components/dialog';
import { Input, Select } from '@/components/field';
import { List } from '@/components/list';
import { PhoneNumber } from '@/components/phone-number';
import { Empty } from '@/components/states';
import { type Column } from '@/components/table';
import { Time } from '@/components/time';
import { useToast } from '@/components/toast';
import type { DncEntry } from '@/generated';
import { DASH, phone } from '@/lib/format';
import { useTyped } from '@/lib/hooks';

import { dncQuery, useDncChanges } from '../api/dnc';
import { ORDERS, SOURCE_LABEL, type DncSearch, type Source } from '../lib/search';

interface DncListProps {
  search: DncSearch;
  onSearch: (search: DncSearch) => void;
  people: Person[];
  /** What the empty list offers. */
  action: ReactNode;
}

export function DncList({ search, onSearch, people, action }: DncListProps) {
  const page = useQuery(dncQuery(search));
  const [removing, setRemoving] = useState<DncEntry | null>(null);
  const columns = useColumns<DncEntry>('dnc', [
    ...COLUMNS,
    { key: 'by', header: 'By', cell: (entry) => <Author id={entry.added_by} people={people} /> },
    { key: 'when', header: 'When', sort: 'created_at', cell: (entry) => <Time iso={entry.created_at} /> },
    {
      key: 'expires',
      header: 'Expires',
      cell: (entry) => (entry.expires_at ? <Time iso={entry.expires_at} /> : 'Never'),
    },
    {
      key: 'actions',
      header: 'Actions',
      role: 'aside',
      align: 'right',
      cell: (entry) => (
        <IconButton
          icon="trash"
          label={`Remove ${phone(entry.phone_number)}`}
          onClick={() => {
            setRemoving(entry);
          }}
        />
      ),
    },
  ]);
  return (
    <Card>
      <Filters search={search} onSearch={onSearch} extra={columns.choice} />
      <List
        query={page}
        what="The do-not-call list"
        one="number"
        label="Do-not-call list"
        columns={columns.shown}
        rowKey={(entry) => entry.phone_number}
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
        empty={<Nobody search={search} onSearch={onSearch} action={action} />}
      />
      {removing && (
        <Remove
          entry={removing}
          onClose={() => {
            setRemoving(null);
          }}
        />
      )}
    </Card>
  );
}

const COLUMNS: Column<DncEntry>[] = [
  {
    key: 'number',
    header: 'Number',
    role: 'title',
    cell: (entry) => <PhoneNumber value={entry.phone_number} />,
  },
  {
    key: 'reason',
    header: 'Reason',
    cell: (entry) => (
      <span className="block max-w-72 truncate" title={entry.reason}>
        {entry.reason || DASH}
      </span>
    ),
  },
  { key: 'source', header: 'Source', cell: (entry) => SOURCE_LABEL[entry.source] ?? entry.source },
];

function Filters({ search, onSearch, extra }: Pick<DncListProps, 'search' | 'onSearch'> & { extra: ReactNode }) {
  const [text, setText] = useTyped(search.q ?? '', (typed) => {
    onSearch({ ...search, q: typed || undefined, cursor: undefined });
  });
  return (
    <div className="flex flex-wrap items-center gap-2 border-b border-line p-3">
      <Input
        type="search"
        inputMode="tel"
        aria-label="Search by the first digits, country code included"
        placeholder="First digits, such as +49 30"
        value={text}
        className="sm:max-w-72"
        onChange={(event) => {
          setText(event.target.value);
        }}
      />
      <Select
        aria-label="Source"
        value={search.source ?? ''}
        className="w-auto! min-w-28 grow sm:grow-0"
        onChange={(event) => {
          onSearch({ ...search, source: (event.target.value || undefined) as Source | undefined, cursor: undefined });
        }}
      >
        <option value="">All sources</option>
        {Object.entries(SOURCE_LABEL).map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </Select>
      {extra}
    </div>
  );
}

function Nobody({ search, onSearch, action }: Pick<DncListProps, 'search' | 'onSearch' | 'action'>) {
  if (search.q !== undefined || search.source !== undefined) {
    const clear = () => {
      onSearch({ sort: search.sort });
    };
    return (
      <Empty icon="filter" title="No number fits" action={<Button onClick={clear}>Clear filters</Button>}>
        The search looks at the first digits, country code included.
      </Empty>
    );
  }
  return (
    <Empty icon="dnc" title="Nobody is on the list." action={action}>
      Numbers on it are never called, by no campaign. Customers who ask for it in a call are put on it by themselves.
    </Empty>
  );
}

function Remove({ entry, onClose }: { entry: DncEntry; onClose: () => void }) {
  const toast = useToast();
  const { remove } = useDncChanges();
  const number = phone(entry.phone_number);
  return (
    <Confirm
      open
      onOpenChange={onClose}
      title={`Take ${number} off the list?`}
      action="Remove"
      busyText="Removing …"
      onConfirm={async () => {
        await remove(entry.phone_number);
        toast(`${number} may be called again`);
      }}
    >
      1 number may be called again. This revives nothing: contacts that were excluded stay excluded.
    </Confirm>
  );
}
