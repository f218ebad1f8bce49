import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { Button } from '@/components/button';
import { Facts, Panel } from '@/components/card';
import { Id } from '@/components/copy';
import { Confirm } from '@/components/dialog';
import { NoRecord } from '@/components/no-record';
import { Page } from '@/components/page';
import { Failed, Notice } from '@/components/states';
import { Time } from '@/components/time';
import { useToast } from '@/components/toast';
import type { Carrier } from '@/generated';
import { DASH, plural } from '@/lib/format';

import { carrierQuery, useCarrierChanges } from '../api/carriers';
import { CarrierFormView } from '../components/carrier-form';
import { NumbersTable } from '../components/numbers-table';
import { BreakerBadge, SyncBadge } from '../components/states';
import { deserialize, toUpdate } from '../lib/form';
import { ADAPTER_LABEL, addressOf, authenticationOf, rateOf, WAY_LABEL } from '../lib/labels';

interface CarrierPageProps {
  id: string;
  bots: { bot_id: string; name: string }[];
  mayChange: boolean;
  onDeleted: () => void;
}

const BACK = { to: '/dashboard/carriers', label: 'Carriers' };

export function CarrierPage(props: CarrierPageProps) {
  const carrier = useQuery(carrierQuery(props.id));
  if (!carrier.data) return <NoRecord query={carrier} what="carrier" id={props.id} icon="carriers" list={BACK} />;
  return <Loaded {...props} carrier={carrier.data} />;
}

function Loaded({ carrier, bots, mayChange, onDeleted }: CarrierPageProps & { carrier: Carrier }) {
  const toast = useToast();
  const { update } = useCarrierChanges();
  const [editing, setEditing] = useState(false);
  // What changed is told against the carrier that the form began with, not against one that a refresh brought since.
  const [basis, setBasis] = useState(carrier);
  const isOpen = mayChange && carrier.managed_by === null;
  const close = () => {
    setEditing(false);
  };
  return (
    <Page
      title={carrier.name}
      back={BACK}
      beside={<SyncBadge carrier={carrier} />}
      lead={
        <span className="flex flex-wrap items-center gap-x-3">
          <Id value={carrier.carrier_id} what="carrier id" />
          <span>
            Changed <Time iso={carrier.updated_at} relative />
          </span>
        </span>
      }
      actions={
        isOpen &&
        !editing && (
          <Actions
            carrier={carrier}
            onDeleted={onDeleted}
            onEdit={() => {
              setBasis(carrier);
              setEditing(true);
            }}
          />
        )
      }
    >
      <div className="space-y-4">
        <Notes carrier={carrier} />
        {editing && isOpen ? (
          <CarrierFormView
            values={deserialize(basis)}
            stored={basis}
            action="Save"
            onCancel={close}
            save={async (form) => {
              await update(carrier.carrier_id, toUpdate(basis, form));
              toast('Saved');
              close();
            }}
          />
        ) : (
          <>
            <View carrier={carrier} />
            <NumbersTable carrier={carrier} bots={bots} mayChange={isOpen} />
          </>
        )}
      </div>
    </Page>
  );
}

function Notes({ carrier }: { carrier: Carrier }) {
  const { breaker, managed_by, lk_sync_error } = carrier;
  return (
    <>
      {managed_by && <Notice>This carrier belongs to {managed_by} and is changed there.</Notice>}
      {lk_sync_error && <Notice tone="bad">The last sync failed: {lk_sync_error}</Notice>}
      {breaker && breaker.state !== 'closed' && (
        <Notice tone="bad">
          The dialler places no calls over this carrier since <Time iso={breaker.opened_at} />: it failed repeatedly. It
          tries again <Time iso={breaker.retry_at} />.
        </Notice>
      )}
    </>
  );
}

function View({ carrier }: { carrier: Carrier }) {
  const { rest } = carrier;
  const own = rest
    ? ([
        ['Adapter', ADAPTER_LABEL[rest.adapter] ?? rest.adapter],
        ['Account', rest.account_sid || DASH],
        ['API key', rest.api_key || 'Not set'],
        ['API token', rest.api_token || 'Not set'],
        ...(rest.adapter === 'exotel' ? [['Flow address', rest.flow_url || 'None']] : []),
      ] as [string, string][])
    : [];
  const sip: [string, string][] = [
    ['Transport', carrier.transport],
    ['Country', carrier.destination_country || DASH],
    ['Inbound addresses', [...carrier.inbound_allowed_addresses, ...carrier.allowed_addresses].join(', ') || DASH],
    ['Shared user name', carrier.auth_username || DASH],
    ['Inbound user name', carrier.inbound_auth_username || DASH],
    ['Outbound user name', carrier.outbound_auth_username || DASH],
  ];
  return (
    <Panel title="Connection">
      <Facts
        items={[
          ['Way', WAY_LABEL[carrier.originate] ?? carrier.originate],
          ['Address', addressOf(carrier) || DASH],
          ['Authentication', authenticationOf(carrier)],
          ...(carrier.originate === 'livekit_sip' ? sip : own),
          ['Rate', rateOf(carrier)],
          ['Breaker', <BreakerBadge key="breaker" carrier={carrier} />],
        ]}
      />
    </Panel>
  );
}

interface ActionsProps {
  carrier: Carrier;
  onEdit: () => void;
  onDeleted: () => void;
}

function Actions({ carrier, onEdit, onDeleted }: ActionsProps) {
  const toast = useToast();
  const queries = useQueryClient();
  const { sync, remove } = useCarrierChanges();
  const [deleting, setDeleting] = useState(false);
  const [syncing, setSyncing] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const runSync = async () => {
    setSyncing(true);
    setProblem(null);
    try {
      await sync(carrier.carrier_id);
      toast('Synced');
    } catch (error) {
      setProblem(error);
    } finally {
      setSyncing(false);
    }
  };
  return (
    <>
      <Failed error={problem} tone="warn" />
      {carrier.originate === 'livekit_sip' && (
        <Button icon="refresh" busy={syncing && 'Syncing …'} after={problem} onClick={() => void runSync()}>
          Sync
        </Button>
      )}
      <Button icon="edit" onClick={onEdit}>
        Edit
      </Button>
      <Button
        icon="trash"
        onClick={() => {
          setDeleting(true);
        }}
      >
        Delete
      </Button>
      <Confirm
        open={deleting}
        onOpenChange={setDeleting}
        title={`Delete ${carrier.name}?`}
        action="Delete"
        busyText="Deleting …"
        onConfirm={async () => {
          await remove(carrier.carrier_id);
          toast(`${carrier.name} is deleted`);
          onDeleted();
          await queries.invalidateQueries({ queryKey: ['carriers', 'list'] });
        }}
      >
        Its {plural(carrier.dids.length, 'number')} and its trunks go too. Calls that run go on.
      </Confirm>
    </>
  );
}
