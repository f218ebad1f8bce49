import { useId, type ReactNode } from 'react';

import type { Person } from '@/components/author';
import { Button } from '@/components/button';
import { Input, Select } from '@/components/field';
import type { AuditEntry } from '@/generated';
import { useTyped } from '@/lib/hooks';

import { isFiltered, type AuditSearch } from '../lib/filters';

interface FiltersProps {
  search: AuditSearch;
  onSearch: (search: AuditSearch) => void;
  people: Person[];
  /** What is shown now: its words are suggested. */
  rows: AuditEntry[];
  /** What stands at the right end. */
  extra: ReactNode;
}

export function AuditFilters({ search, onSearch, people, rows, extra }: FiltersProps) {
  const change = (changed: AuditSearch) => {
    onSearch({ ...search, ...changed, cursor: undefined });
  };
  const isUnknown = search.actor_id !== undefined && !people.some(({ user_id }) => user_id === search.actor_id);
  return (
    <div className="flex flex-wrap items-center gap-2 border-b border-line p-3">
      <Select
        aria-label="Actor"
        value={search.actor_id ?? ''}
        className="w-auto! grow sm:max-w-52 sm:grow-0"
        onChange={(event) => {
          change({ actor_id: event.target.value || undefined });
        }}
      >
        <option value="">Everybody</option>
        {isUnknown && <option value={search.actor_id}>{search.actor_id}</option>}
        {people.map((person) => (
          <option key={person.user_id} value={person.user_id}>
            {person.name}
          </option>
        ))}
      </Select>
      <Word
        label="Action"
        value={search.action}
        known={rows.map((entry) => entry.action)}
        onChange={(action) => {
          change({ action });
        }}
      />
      <Word
        label="Kind of entity"
        value={search.entity_type}
        known={rows.map((entry) => entry.entity_type)}
        onChange={(entity_type) => {
          change({ entity_type });
        }}
      />
      <Word
        label="Id of the entity"
        value={search.entity_id}
        known={[]}
        onChange={(entity_id) => {
          change({ entity_id });
        }}
      />
      {(['from', 'to'] as const).map((side) => (
        <label key={side} className="flex grow items-center gap-2 text-muted sm:grow-0">
          {side === 'from' ? 'From' : 'To'}
          <Input
            type="date"
            aria-label={side === 'from' ? 'First day' : 'Last day'}
            value={search[side] ?? ''}
            className="w-auto! grow"
            onChange={(event) => {
              change({ [side]: event.target.value || undefined });
            }}
          />
        </label>
      ))}
      {isFiltered(search) && (
        <Button
          look="quiet"
          onClick={() => {
            onSearch({ sort: search.sort });
          }}
        >
          Clear filters
        </Button>
      )}
      {extra}
    </div>
  );
}

interface WordProps {
  label: string;
  value: string | undefined;
  known: string[];
  onChange: (value: string | undefined) => void;
}

/** A whole word, as the server compares it; what the page shows is suggested. */
function Word({ label, value, known, onChange }: WordProps) {
  const list = useId();
  const [text, setText] = useTyped(value ?? '', (typed) => {
    onChange(typed || undefined);
  });
  return (
    <>
      <Input
        type="search"
        aria-label={label}
        placeholder={label}
        list={list}
        value={text}
        className="min-w-40 grow sm:max-w-44"
        onChange={(event) => {
          setText(event.target.value);
        }}
      />
      <datalist id={list}>
        {[...new Set(known)].map((word) => (
          <option key={word} value={word} />
        ))}
      </datalist>
    </>
  );
}
