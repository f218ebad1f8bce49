import { Link } from '@tanstack/react-router';

import { Badge } from '@/components/badge';
import { Icon } from '@/components/icons';
import { ROW_LINK, type Column } from '@/components/table';
import { Time } from '@/components/time';
import type { CallSummary } from '@/generated';
import { DASH, duration, milliseconds, phone } from '@/lib/format';

import { campaignName, type CampaignName } from '../lib/campaigns';
import { endedBy, statusLook } from '../lib/labels';

/** The customer's number is `caller_id` in both directions. */
const customer = (call: CallSummary) => (call.caller_id ? phone(call.caller_id) : 'Unknown');

export function StatusBadge({ status }: { status: string }) {
  const look = statusLook(status);
  return (
    <Badge tone={look.tone} dot>
      {look.label}
    </Badge>
  );
}

export const callColumns = (campaigns: CampaignName[]): Column<CallSummary>[] => [
  {
    key: 'customer',
    header: 'Customer',
    role: 'title',
    cell: (call) => (
      <span className="flex items-center gap-2">
        <span title={call.call_direction === 'outgoing' ? 'Outgoing' : 'Incoming'} className="text-muted">
          <Icon name={call.call_direction === 'outgoing' ? 'outgoing' : 'incoming'} className="size-4" />
          <span className="sr-only">{call.call_direction === 'outgoing' ? 'Outgoing' : 'Incoming'}</span>
        </span>
        <Link to="/dashboard/calls/$id" params={{ id: call.session_id }} className={`num ${ROW_LINK}`}>
          {customer(call)}
        </Link>
      </span>
    ),
  },
  { key: 'status', header: 'Status', role: 'aside', cell: (call) => <StatusBadge status={call.status} /> },
  { key: 'time', header: 'Time', sort: 'created_at', cell: (call) => <Time iso={call.created_at} /> },
  {
    key: 'duration',
    header: 'Duration',
    align: 'right',
    sort: 'call_duration_seconds',
    cell: (call) => duration(call.call_duration_seconds),
  },
  {
    key: 'bot',
    header: 'Bot',
    cell: (call) => <span className="block max-w-48 truncate">{call.bot_name || call.bot_id}</span>,
  },
  {
    key: 'disposition',
    header: 'Outcome',
    cell: (call) => <span className="block max-w-56 truncate">{call.disposition ?? DASH}</span>,
  },
  { key: 'ended', header: 'Ended by', cell: (call) => endedBy(call.disconnected_by) },
  {
    key: 'response',
    header: 'Response',
    align: 'right',
    cell: (call) => milliseconds(call.avg_response_ms),
  },
  {
    key: 'qc',
    header: 'QC',
    align: 'right',
    optional: true,
    cell: (call) => (typeof call.qc_overall_score === 'number' ? call.qc_overall_score.toFixed(1) : DASH),
  },
  {
    key: 'number',
    header: 'Our number',
    optional: true,
    cell: (call) => <span className="num">{phone(call.from_number)}</span>,
  },
  {
    key: 'campaign',
    header: 'Campaign',
    optional: true,
    cell: (call) => campaignName(campaigns, call.campaign_id),
  },
  {
    key: 'transferred',
    header: 'Transferred',
    optional: true,
    cell: (call) => (call.was_transferred ? 'Yes' : DASH),
  },
];
