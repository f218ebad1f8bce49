import { useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';

import { Button } from '@/components/button';
import { useColumns } from '@/components/columns';
import { Input, Select } from '@/components/field';
import { List } from '@/components/list';
import { LiveData } from '@/components/live';
import { RangeFilter } from '@/components/range-filter';
import { Empty } from '@/components/states';
import { ROW_LINK, type Column } from '@/components/table';
import { Time } from '@/components/time';
import type { Campaign, Contact } from '@/generated';
import { DASH, phone } from '@/lib/format';
import { useTyped, useZone } from '@/lib/hooks';
import { LATE_MS } from '@/lib/stream';

import { contactsQuery, LIVE_MS } from '../api/campaigns';
import { CALLBACKS, CONTACT_STATES, outcomeText } from '../lib/labels';
import { isLive, textOf } from '../lib/live';
import { CONTACT_ORDERS, contactFilters, type CampaignSearch } from '../lib/search';
import { ContactDrawer } from './contact-drawer';
import { ContactBadge } from './status';

interface ContactsProps {
  campaign: Campaign;
  search: CampaignSearch;
  onSearch: (search: CampaignSearch) => void;
}

export function Contacts({ campaign, search, onSearch }: ContactsProps) {
  const contacts = useQuery(contactsQuery(campaign.campaign_id, search, useZone(), isLive(campaign)));
  const [open, setOpen] = useState<Contact | null>(null);
  const columns = useColumns('contacts', contactColumns(setOpen));
  const rows = contacts.data?.items ?? [];
  const change = (changed: Partial<CampaignSearch>) => {
    onSearch({ ...search, ...changed, cursor: undefined });
  };
  const clear = () => {
    onSearch({ tab: 'contacts', sort: search.sort });
  };
  return (
    <div className="-mx-4 -mb-4">
      {isLive(campaign) && <LiveData of={contacts} everyMs={LIVE_MS} lateMs={LATE_MS.contacts} />}
      <Filters search={search} onChange={change} onClear={clear} extra={columns.choice} />
      <List
        query={contacts}
        what="The contacts"
        one="contact"
        label="Contacts"
        columns={columns.shown}
        rowKey={(row) => row.campaign_call_id}
        sorting={{
          orders: CONTACT_ORDERS,
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
        empty={
          contactFilters(search) > 0 ? (
            <Empty
              icon="filter"
              title="No contact fits these filters"
              action={<Button onClick={clear}>Clear filters</Button>}
            >
              A number is found by all its digits, not by a part of them. Days are those of the last try.
            </Empty>
          ) : (
            <Empty icon="users" title="No contacts yet">
              They come from a CSV file, loaded when the campaign is edited, or one by one through the API.
            </Empty>
          )
        }
      />
      {open && (
        <ContactDrawer
          campaignId={campaign.campaign_id}
          contact={rows.find((row) => row.campaign_call_id === open.campaign_call_id) ?? open}
          onClose={() => {
            setOpen(null);
          }}
        />
      )}
    </div>
  );
}

interface FiltersProps {
  search: CampaignSearch;
  onChange: (change: Partial<CampaignSearch>) => void;
  onClear: () => void;
  extra: ReactNode;
}

function Filters({ search, onChange, onClear, extra }: FiltersProps) {
  const [typed, setTyped] = useTyped(search.phone ?? '', (text) => {
    onChange({ phone: text || undefined });
  });
  const set = contactFilters(search);
  const pick = (
    key: 'status' | 'callback',
    label: string,
    all: string,
    choices: readonly { value: string; label: string }[],
  ) => (
    <Select
      aria-label={label}
      value={search[key] ?? ''}
      className="w-auto! min-w-28 grow sm:grow-0"
      onChange={(event) => {
        onChange({ [key]: event.target.value || undefined });
      }}
    >
      <option value="">{all}</option>
      {choices.map((choice) => (
        <option key={choice.value} value={choice.value}>
          {choice.label}
        </option>
      ))}
    </Select>
  );
  return (
    <div className="flex flex-wrap items-center gap-2 border-b border-line px-4 pb-3">
      <Input
        type="search"
        inputMode="tel"
        aria-label="Whole telephone number"
        placeholder="Phone number, all digits"
        value={typed}
        className="sm:max-w-56"
        onChange={(event) => {
          setTyped(event.target.value);
        }}
      />
      {pick('status', 'State', 'All states', CONTACT_STATES)}
      <RangeFilter
        all="Tried at any time"
        search={search}
        onChange={({ range, from, to }) => {
          onChange({ range, from, to });
        }}
      />
      {pick('callback', 'Callback', 'With or without callback', CALLBACKS)}
      {set > 0 && (
        <Button look="quiet" icon="close" onClick={onClear}>
          Clear {set}
        </Button>
      )}
      {extra}
    </div>
  );
}

/** Of a dial that reached nobody the outcome says it all. */
const dispositionOf = (row: Contact) =>
  row.last_disposition && row.last_disposition !== row.last_outcome ? row.last_disposition : DASH;

const contactColumns = (onOpen: (contact: Contact) => void): Column<Contact>[] => [
  {
    key: 'number',
    header: 'Number',
    role: 'title',
    cell: (row) => (
      <button type="button" className={`num ${ROW_LINK}`} onClick={onOpen.bind(null, row)}>
        {phone(row.phone_number)}
      </button>
    ),
  },
  { key: 'status', header: 'State', role: 'aside', cell: (row) => <ContactBadge status={row.status} /> },
  { key: 'attempts', header: 'Attempts', align: 'right', cell: (row) => row.attempt_count },
  { key: 'outcome', header: 'Last outcome', cell: (row) => outcomeText(row.last_outcome) },
  {
    key: 'disposition',
    header: 'Disposition',
    cell: (row) => <span className="block max-w-48 truncate">{dispositionOf(row)}</span>,
  },
  { key: 'last', header: 'Last try', sort: 'last_attempt_at', cell: (row) => <Time iso={row.last_attempt_at} /> },
  { key: 'next', header: 'Next try', cell: (row) => <Time iso={row.next_retry_at} /> },
  { key: 'callback', header: 'Callback', cell: (row) => <Time iso={textOf(row.callback?.scheduled_at)} /> },
  { key: 'row', header: 'Row', align: 'right', sort: 'row_no', optional: true, cell: (row) => row.row_no },
];
