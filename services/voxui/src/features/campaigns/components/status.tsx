import { Badge } from '@/components/badge';
import type { CampaignStats } from '@/generated';
import { percent } from '@/lib/format';

import { contactLook, statusLook } from '../lib/labels';

/** The state as a word; a campaign that takes contacts for ever is marked as well. */
export function CampaignBadges({ status, alwaysOn = false }: { status: string; alwaysOn?: boolean }) {
  const look = statusLook(status);
  return (
    <span className="inline-flex flex-wrap gap-1.5">
      <Badge tone={look.tone} dot>
        {look.label}
      </Badge>
      {alwaysOn && <Badge tone="violet">Always on</Badge>}
    </span>
  );
}

export function ContactBadge({ status }: { status: string }) {
  const look = contactLook(status);
  return (
    <Badge tone={look.tone} dot>
      {look.label}
    </Badge>
  );
}

/** How much of the list is done, and inside it how much of it with a conversation. */
export function Progress({ stats, name }: { stats: CampaignStats; name: string }) {
  const { processed = 0, connected = 0, total_calls: total = 0, processed_share: share = null } = stats;
  if (total === 0) return <span className="text-muted">No contacts</span>;
  const width = (count: number) => `${Math.min(100, (count / total) * 100)}%`;
  return (
    <div className="min-w-36">
      <div
        role="progressbar"
        aria-label={`Progress of ${name}`}
        aria-valuemin={0}
        aria-valuemax={total}
        aria-valuenow={processed}
        aria-valuetext={`${processed.toLocaleString('en')} of ${total.toLocaleString('en')} done, ${connected.toLocaleString('en')} connected`}
        className="relative h-2 overflow-hidden rounded-full bg-sunken"
      >
        <div className="absolute inset-y-0 left-0 bg-brand/35" style={{ width: width(processed) }} />
        <div className="absolute inset-y-0 left-0 bg-brand" style={{ width: width(Math.min(connected, processed)) }} />
      </div>
      <p className="num mt-1 text-xs text-muted">
        {processed.toLocaleString('en')} of {total.toLocaleString('en')} · {percent(share)}
      </p>
    </div>
  );
}
