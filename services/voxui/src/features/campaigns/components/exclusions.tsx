import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { Author, type Person } from '@/components/author';
import { Button, IconButton } from '@/components/button';
import { Panel } from '@/components/card';
import { Confirm } from '@/components/dialog';
import { List } from '@/components/list';
import { NumbersDialog } from '@/components/numbers-dialog';
import { PhoneNumber } from '@/components/phone-number';
import { Empty } from '@/components/states';
import { type Column } from '@/components/table';
import { Time } from '@/components/time';
import { useToast } from '@/components/toast';
import type { Excluded, Exclusion } from '@/generated';
import { DASH, phone, plural } from '@/lib/format';

import { exclusionsQuery, useExclusionChanges } from '../api/campaigns';
import { EXCLUSION_ORDERS, type CampaignSearch } from '../lib/search';

interface ExclusionsProps {
  campaignId: string;
  search: CampaignSearch;
  onSearch: (search: CampaignSearch) => void;
  people: Person[];
}

/** Numbers that this campaign does not dial, whatever its list says. */
export function Exclusions({ campaignId, search, onSearch, people }: ExclusionsProps) {
  const page = useQuery(exclusionsQuery(campaignId, search));
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<string | null>(null);
  const add = (
    <Button
      onClick={() => {
        setAdding(true);
      }}
    >
      Exclude numbers
    </Button>
  );
  return (
    <Panel
      title="Excluded numbers"
      hint="Never dialled by this campaign; the do-not-call list counts for every campaign"
      actions={page.data && page.data.items.length > 0 && add}
      flush
    >
      <List
        query={page}
        what="The excluded numbers"
        one="number"
        label="Excluded numbers"
        columns={columns(people, setRemoving)}
        rowKey={(entry) => entry.phone_number}
        sorting={{
          orders: EXCLUSION_ORDERS,
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
        empty={
          <Empty icon="dnc" title="Nobody is excluded" action={add}>
            A number that is excluded is not dialled again, also when it is added to the contacts later.
          </Empty>
        }
      />
      {adding && (
        <Add
          campaignId={campaignId}
          onClose={() => {
            setAdding(false);
          }}
        />
      )}
      {removing !== null && (
        <Remove
          campaignId={campaignId}
          number={removing}
          onClose={() => {
            setRemoving(null);
          }}
        />
      )}
    </Panel>
  );
}

const columns = (people: Person[], onRemove: (number: string) => void): Column<Exclusion>[] => [
  {
    key: 'number',
    header: 'Number',
    role: 'title',
    cell: (entry) => <PhoneNumber value={entry.phone_number} />,
  },
  { key: 'reason', header: 'Reason', cell: (entry) => entry.reason || DASH },
  { key: 'by', header: 'By', cell: (entry) => <Author id={entry.by} people={people} /> },
  { key: 'when', header: 'When', sort: 'at', cell: (entry) => <Time iso={entry.at} /> },
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
          onRemove(entry.phone_number);
        }}
      />
    ),
  },
];

function Add({ campaignId, onClose }: { campaignId: string; onClose: () => void }) {
  const { exclude } = useExclusionChanges(campaignId);
  return (
    <NumbersDialog
      name={`exclusions_${campaignId}`}
      title="Exclude numbers"
      hint="This campaign dials none of them again. A call that runs now goes on."
      action="Exclude"
      busy="Excluding …"
      failed="Nothing was excluded"
      reasonExample="Paid already"
      tooMany="Exclude them in parts."
      onSend={({ numbers, reason }) => exclude({ phone_numbers: numbers, reason })}
      summary={summary}
      onClose={onClose}
    />
  );
}

function summary({ excluded, in_flight, already_terminal, not_found }: Excluded): string {
  const parts = [
    excluded > 0 && `${plural(excluded, 'waiting contact')} excluded`,
    in_flight > 0 && `${in_flight.toLocaleString('en')} in a call now, not called again`,
    already_terminal > 0 && `${already_terminal.toLocaleString('en')} done with already`,
    not_found > 0 && `${not_found.toLocaleString('en')} not among the contacts`,
  ].filter((part) => part !== false);
  return parts.join(', ') || 'Nobody excluded';
}

function Remove({ campaignId, number, onClose }: { campaignId: string; number: string; onClose: () => void }) {
  const toast = useToast();
  const { include } = useExclusionChanges(campaignId);
  return (
    <Confirm
      open
      onOpenChange={onClose}
      title={`Take ${phone(number)} off the list?`}
      action="Remove"
      busyText="Removing …"
      onConfirm={async () => {
        await include(number);
        toast(`${phone(number)} may be added again`);
      }}
    >
      1 number may be added to this campaign again. This revives nothing: a contact that was excluded stays excluded.
    </Confirm>
  );
}
