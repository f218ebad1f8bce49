import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useController, useFormContext } from 'react-hook-form';

import { Badge } from '@/components/badge';
import { Button, buttonClass } from '@/components/button';
import { Panel } from '@/components/card';
import { Empty, LoadingBlock, Notice, Problem } from '@/components/states';
import type { Carrier } from '@/generated';
import { phone, plural } from '@/lib/format';

import { numbersQuery } from '../api/campaigns';
import type { CampaignForm } from '../lib/form';
import { poolOf, strays, type PoolCarrier } from '../lib/review';

/** The numbers that the campaign calls from, by the carrier that owns them. */
export function StepNumbers() {
  const carriers = useQuery(numbersQuery);
  const { control } = useFormContext<CampaignForm>();
  const { field, fieldState } = useController({ control, name: 'number_pool' });
  if (carriers.isPending) return <LoadingBlock label="Loading numbers" className="h-64" />;
  if (!carriers.data) {
    return <Problem error={carriers.error} title="The numbers could not be loaded" onRetry={carriers.refetch} />;
  }
  const groups = poolOf(carriers.data.items);
  const lost = strays(field.value, carriers.data.items);
  const set = (numbers: string[], on: boolean) => {
    const others = field.value.filter((number) => !numbers.includes(number));
    field.onChange(on ? [...others, ...numbers] : others);
  };
  return (
    <div className="space-y-4">
      {fieldState.error && <Notice tone="bad">{fieldState.error.message}</Notice>}
      {lost.length > 0 && (
        <Notice tone="warn">
          No carrier calls out with {lost.map(phone).join(', ')}.{' '}
          <button type="button" className="font-medium underline" onClick={set.bind(null, lost, false)}>
            Take {lost.length === 1 ? 'it' : 'them'} out
          </button>
        </Notice>
      )}
      {groups.length === 0 ? (
        <Panel title="Number pool">
          <Empty
            icon="calls"
            title="No number can call out"
            action={
              <Link to="/dashboard/carriers" className={buttonClass()}>
                Open the carriers
              </Link>
            }
          >
            Numbers belong to carriers. Add one whose direction is outbound or both, then come back.
          </Empty>
        </Panel>
      ) : (
        groups.map((group) => (
          <CarrierNumbers key={group.carrier.carrier_id} group={group} chosen={field.value} onSet={set} />
        ))
      )}
    </div>
  );
}

interface CarrierNumbersProps {
  group: PoolCarrier;
  chosen: string[];
  onSet: (numbers: string[], on: boolean) => void;
}

function CarrierNumbers({ group: { carrier, numbers }, chosen, onSet }: CarrierNumbersProps) {
  const all = numbers.map(({ number }) => number);
  const hasAll = all.every((number) => chosen.includes(number));
  return (
    <Panel
      title={carrier.name}
      hint={`${carrier.outbound_cps} dials per second · ${plural(carrier.outbound_channels, 'channel')}`}
      actions={
        <>
          <CarrierState carrier={carrier} />
          <Button small onClick={onSet.bind(null, all, !hasAll)}>
            {hasAll ? 'Select none' : `Select all ${all.length}`}
          </Button>
        </>
      }
    >
      <ul className="grid gap-2 sm:grid-cols-2 lg:grid-cols-3">
        {numbers.map(({ number, label }) => (
          <li key={number}>
            <label className="flex items-center gap-2 text-sm">
              <input
                type="checkbox"
                checked={chosen.includes(number)}
                onChange={(event) => {
                  onSet([number], event.target.checked);
                }}
              />
              <span className="num">{phone(number)}</span>
              {label && <span className="truncate text-muted">{label}</span>}
            </label>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function CarrierState({ carrier }: { carrier: Carrier }) {
  if (carrier.breaker && carrier.breaker.state !== 'closed') return <Badge tone="bad">Failing now</Badge>;
  if (carrier.originate === 'websocket_carrier') return null;
  const tone = { synced: 'ok', pending: 'warn', error: 'bad' } as const;
  const label = { synced: 'In step with LiveKit', pending: 'Not yet at LiveKit', error: 'LiveKit refused it' };
  return <Badge tone={tone[carrier.lk_sync_status] ?? 'neutral'}>{label[carrier.lk_sync_status]}</Badge>;
}
