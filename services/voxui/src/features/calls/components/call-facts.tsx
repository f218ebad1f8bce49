import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';

import { Card } from '@/components/card';
import type { CallRecord } from '@/generated';
import { DASH, duration, phone, shortId, words } from '@/lib/format';

import { endedBy } from '../lib/labels';

const LINK = 'text-brand-text hover:underline';

/** A call in one strip; what a campaign placed leads back to its contact. */
export function CallFacts({ call }: { call: CallRecord }) {
  const facts: [string, ReactNode][] = [
    ['Duration', duration(call.call_duration_seconds)],
    ['Ended by', endedBy(call.disconnected_by)],
    ['Bot', <Link key="bot" to="/dashboard/bots/$id" params={{ id: call.bot_id }} className={LINK}>{call.bot_name || call.bot_id}</Link>],
    ['Our number', phone(call.from_number)],
    ['Transport', call.transport === 'ws' ? 'WebSocket' : words(call.transport || DASH)],
    ['Worker', call.worker?.worker_id ?? DASH],
    ...campaignFacts(call),
  ]; // prettier-ignore
  return (
    <Card className="p-4">
      <dl className="grid grid-cols-2 gap-x-6 gap-y-3 sm:grid-cols-3 lg:grid-cols-6">
        {facts.map(([name, value]) => (
          <div key={name} className="min-w-0">
            <dt className="text-xs text-muted">{name}</dt>
            <dd className="num mt-0.5 truncate font-medium">{value}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}

function campaignFacts({
  campaign,
  caller_id,
  campaign_attempt,
  campaign_run_number,
}: CallRecord): [string, ReactNode][] {
  if (!campaign) return [];
  const { campaign_id: id, name } = campaign;
  // Without a name it was deleted, and its contacts with it.
  if (!name) return [['Campaign', `${shortId(id)}, deleted`]];
  const to = { to: '/dashboard/campaigns/$id', params: { id }, className: LINK } as const;
  const run = campaign_run_number && campaign_run_number > 1 ? ` of run ${campaign_run_number}` : '';
  return [
    ['Campaign', <Link key="campaign" {...to}>{name}</Link>],
    ['Contact', <Link key="contact" {...to} search={{ tab: 'contacts', phone: caller_id }}>{phone(caller_id)}</Link>],
    ['Attempt', campaign_attempt ? `Try ${campaign_attempt}${run}` : DASH],
  ]; // prettier-ignore
}
