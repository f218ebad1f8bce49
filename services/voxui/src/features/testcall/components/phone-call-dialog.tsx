import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';

import { Button, buttonClass } from '@/components/button';
import { Dialog } from '@/components/dialog';
import { Field, Input, Select } from '@/components/field';
import { carriersList, fleetStatus, sipDialout } from '@/generated';
import { data } from '@/lib/api';
import { duration, phone } from '@/lib/format';
import { useNow } from '@/lib/hooks';

import { dialTrouble } from '../lib/problems';
import { useStoredCall } from '../lib/stored-call';
import { CallResult } from './call-result';
import { Situations } from './situations';
import { TroubleNotice } from './trouble-notice';
import { filled, ValueFields } from './value-fields';

/** A carrier rings for 45 s; somebody who answered in the last moment is there a little later. */
const RINGS_AT_MOST_MS = 60_000;
/** A seat may be free in a moment, and the person waits before the screen anyway. */
const WAIT_FOR_A_SEAT_S = 3;

interface PhoneCallDialogProps {
  bot: { bot_id: string; name: string };
  /** Names that the bot's texts ask for. */
  variables: string[];
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

/** Let a bot ring a telephone. */
export function PhoneCallDialog({ bot, variables, open, onOpenChange }: PhoneCallDialogProps) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={`Let ${bot.name} call a phone`} sticky wide>
      <div className="space-y-5">
        <PhoneCall bot={bot} variables={variables} />
        <Situations botId={bot.bot_id} />
      </div>
    </Dialog>
  );
}

interface Order {
  to: string;
  from: string;
  values: Record<string, string>;
}

function PhoneCall({ bot, variables }: Pick<PhoneCallDialogProps, 'bot' | 'variables'>) {
  const [order, setOrder] = useState<Order>({ to: '', from: '', values: {} });
  const dial = useMutation({
    mutationFn: async ({ to, from, values }: Order) => {
      const body = { bot_id: bot.bot_id, to_number: to.trim(), variables: filled(values) };
      try {
        return await data(
          sipDialout({ body: { ...body, from_number: from || null, wait_seconds: WAIT_FOR_A_SEAT_S } }),
        );
      } catch (error) {
        const fleet = await data(fleetStatus()).catch(() => null);
        throw new Refusal(dialTrouble(error, fleet));
      }
    },
  });
  const refusal = dial.error instanceof Refusal ? dial.error.trouble : null;
  const call = () => {
    dial.mutate(order);
  };
  if (dial.data) {
    return (
      <Placed
        key={dial.data.call_id}
        callId={dial.data.call_id}
        placedAt={dial.submittedAt}
        order={order}
        onAgain={call}
        onReset={dial.reset}
      />
    );
  }
  return (
    <form
      className="space-y-4"
      onSubmit={(event) => {
        event.preventDefault();
        call();
      }}
    >
      <p className="text-muted">
        The carrier rings the number, and the bot speaks to whoever answers. The call appears in the list.
      </p>
      <div className="grid gap-3 sm:grid-cols-2">
        <Field label="Number to call" hint="With the country code">
          <Input
            type="tel"
            required
            autoComplete="tel"
            placeholder="+1 555 0100"
            value={order.to}
            onChange={(event) => {
              setOrder({ ...order, to: event.target.value });
            }}
          />
        </Field>
        <OurNumber
          value={order.from}
          onChange={(from) => {
            setOrder({ ...order, from });
          }}
        />
      </div>
      <ValueFields
        variables={variables}
        values={order.values}
        onChange={(values) => {
          setOrder({ ...order, values });
        }}
      />
      {refusal && (
        <div role="alert">
          <TroubleNotice trouble={refusal} />
        </div>
      )}
      <div className="flex justify-end">
        <Button type="submit" look="primary" icon="calls" busy={dial.isPending && 'Calling …'} after={refusal?.error}>
          Call
        </Button>
      </div>
    </form>
  );
}

class Refusal extends Error {
  constructor(readonly trouble: ReturnType<typeof dialTrouble>) {
    super(trouble.title);
  }
}

const CALLS_OUT = ['outbound', 'both'];

function OurNumber({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const carriers = useQuery({
    queryKey: ['carriers', 'numbers'],
    queryFn: () => data(carriersList({ query: { limit: 200, sort: 'name' } })),
  });
  const ours = (carriers.data?.items ?? []).flatMap((carrier) =>
    carrier.dids.filter((did) => CALLS_OUT.includes(did.direction)).map(({ number }) => ({ number, of: carrier.name })),
  );
  return (
    <Field label="Our number" hint="The telephone shows it. Automatic: the one that rested longest">
      <Select
        value={value}
        onChange={(event) => {
          onChange(event.target.value);
        }}
      >
        <option value="">Automatic</option>
        {ours.map(({ number, of }) => (
          <option key={number} value={number}>
            {phone(number)} · {of}
          </option>
        ))}
      </Select>
    </Field>
  );
}

interface PlacedProps {
  callId: string;
  placedAt: number;
  order: Order;
  onAgain: () => void;
  onReset: () => void;
}

/** A call that the carrier took: it rings, it is talked, it is over. */
function Placed({ callId, placedAt, order, onAgain, onReset }: PlacedProps) {
  const now = useNow(1_000);
  const { summary, record } = useStoredCall({ call_id: callId }, true).data ?? { summary: null, record: null };
  const unanswered = summary === null && now - placedAt > RINGS_AT_MOST_MS;
  const number = phone(order.to.replaceAll(/[^+\d]/g, ''));
  const says = record
    ? `The call with ${number} is over after ${duration(record.call_duration_seconds)}.`
    : summary
      ? `${number} has answered and talks with the bot.`
      : unanswered
        ? `${number} has not answered.`
        : `${number} is ringing …`;
  return (
    <div className="space-y-4">
      <div className="rounded-xl bg-sunken px-4 py-6 text-center">
        <p role="status" className="text-sm font-medium">
          {says}
        </p>
        {!record && !unanswered && (
          <p className="num mt-1 text-3xl font-semibold tracking-tight" aria-hidden="true">
            {duration(Math.max(0, (now - (summary ? Date.parse(summary.created_at) : placedAt)) / 1_000))}
          </p>
        )}
        {unanswered && (
          <p className="mt-1 text-sm text-muted">
            Nobody took the call, it was refused, or the carrier could not reach the number.
          </p>
        )}
      </div>
      {record ? (
        <CallResult call={record} customer="Customer" />
      ) : (
        summary && <p className="text-center text-sm text-muted">What was said stands here when the call is over.</p>
      )}
      <div className="flex flex-wrap justify-end gap-2">
        {(record || unanswered) && (
          <>
            <Button onClick={onReset}>Change number</Button>
            <Button icon="calls" onClick={onAgain}>
              Call again
            </Button>
          </>
        )}
        {summary && (
          <Link to="/dashboard/calls/$id" params={{ id: summary.session_id }} className={buttonClass('primary')}>
            Open the call
          </Link>
        )}
      </div>
    </div>
  );
}
