import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';

import { Button, buttonClass } from '@/components/button';
import { Card } from '@/components/card';
import { useColumns } from '@/components/columns';
import { Dialog } from '@/components/dialog';
import { Icon } from '@/components/icons';
import { List } from '@/components/list';
import { Page } from '@/components/page';
import { Empty } from '@/components/states';
import { ROW_LINK, type Column } from '@/components/table';
import { Time } from '@/components/time';
import type { Carrier } from '@/generated';

import { carriersQuery } from '../api/carriers';
import { BreakerBadge, SyncBadge } from '../components/states';
import { addressOf, authenticationOf, rateOf, WAY_LABEL } from '../lib/labels';
import { ORDERS, type CarriersSearch } from '../lib/search';

const COLUMNS: Column<Carrier>[] = [
  {
    key: 'name',
    header: 'Name',
    role: 'title',
    sort: 'name',
    cell: (carrier) => (
      <span className="block max-w-72 min-w-0">
        <Link to="/dashboard/carriers/$id" params={{ id: carrier.carrier_id }} className={ROW_LINK}>
          {carrier.name}
        </Link>
        <span className="mt-0.5 block truncate font-mono text-xs text-muted" title={addressOf(carrier)}>
          {addressOf(carrier)}
        </span>
      </span>
    ),
  },
  {
    key: 'way',
    header: 'Way',
    cell: (carrier) => (
      <>
        {WAY_LABEL[carrier.originate] ?? carrier.originate}
        <span className="mt-0.5 block text-xs text-muted">{authenticationOf(carrier)}</span>
      </>
    ),
  },
  { key: 'numbers', header: 'Numbers', align: 'right', cell: (carrier) => carrier.dids.length.toLocaleString('en') },
  { key: 'rate', header: 'Rate', cell: (carrier) => <span className="num">{rateOf(carrier)}</span> },
  { key: 'sync', header: 'Sync', role: 'aside', cell: (carrier) => <SyncBadge carrier={carrier} /> },
  { key: 'breaker', header: 'Breaker', cell: (carrier) => <BreakerBadge carrier={carrier} /> },
  {
    key: 'synced',
    header: 'Last sync',
    cell: (carrier) =>
      carrier.originate === 'livekit_sip' ? <Time iso={carrier.lk_last_synced_at} relative /> : 'Not needed',
  },
  {
    key: 'created',
    header: 'Added',
    sort: 'created_at',
    optional: true,
    cell: (carrier) => <Time iso={carrier.created_at} />,
  },
];

interface CarriersPageProps {
  search: CarriersSearch;
  onSearch: (search: CarriersSearch) => void;
  mayChange: boolean;
}

export function CarriersPage({ search, onSearch, mayChange }: CarriersPageProps) {
  const carriers = useQuery(carriersQuery(search));
  const columns = useColumns('carriers', COLUMNS);
  const [guide, setGuide] = useState(false);
  const create = mayChange && (
    <Link to="/dashboard/carriers/create" className={buttonClass('primary')}>
      <Icon name="plus" className="-ml-0.5 size-4" />
      Add carrier
    </Link>
  );
  return (
    <Page
      title="Carriers"
      lead="Accounts that can ring phones, and the numbers that belong to them."
      actions={
        <>
          {columns.choice}
          <Button
            icon="info"
            onClick={() => {
              setGuide(true);
            }}
          >
            Guide
          </Button>
          {create}
        </>
      }
    >
      <Card>
        <List
          query={carriers}
          what="The carriers"
          one="carrier"
          label="Carriers"
          columns={columns.shown}
          rowKey={(carrier) => carrier.carrier_id}
          sorting={{
            orders: ORDERS,
            order: search.sort,
            onOrder: (sort) => {
              onSearch({ sort });
            },
          }}
          turning={{
            page: search.page,
            onPage: (page) => {
              onSearch({ ...search, page });
            },
          }}
          empty={
            <Empty icon="carriers" title="No carrier yet" action={create || undefined}>
              Campaigns and single calls out need one, and a number of it.
              {!mayChange && ' A super admin can add it.'}
            </Empty>
          }
        />
      </Card>
      <Dialog open={guide} onOpenChange={setGuide} title="How calls reach phones">
        <ol className="list-decimal space-y-2 pl-5 text-sm">
          <li>
            <b>Websocket:</b> the carrier rings the callee by its API and connects the answered call to a worker. You
            need the address of the API, the account, its key and token.
          </li>
          <li>
            <b>SIP over LiveKit:</b> a worker rings over a SIP trunk. You need the SIP address, and a password or the
            addresses that calls come from. The sync writes the trunks.
          </li>
          <li>Add the numbers that the carrier gave you; each belongs to one carrier. Inbound calls need a bot.</li>
          <li>Set calls a second and channels below what the carrier allows.</li>
          <li>
            After repeated failures the dialler opens the <b>breaker</b> and places no calls; it tries again by itself.
          </li>
        </ol>
      </Dialog>
    </Page>
  );
}
