import { Badge } from '@/components/badge';
import type { Carrier } from '@/generated';

import { breakerLook, syncLook } from '../lib/labels';

export function SyncBadge({ carrier }: { carrier: Carrier }) {
  const look = syncLook(carrier.lk_sync_status);
  return (
    <span title={carrier.lk_sync_error || undefined}>
      <Badge tone={look.tone} dot>
        {look.label}
      </Badge>
    </span>
  );
}

/** Nothing was ever wrong with most carriers: then the dialler has no breaker for them. */
export function BreakerBadge({ carrier }: { carrier: Carrier }) {
  if (!carrier.breaker) return <span className="text-muted">Never tripped</span>;
  const look = breakerLook(carrier.breaker.state);
  return (
    <Badge tone={look.tone} dot>
      {look.label}
    </Badge>
  );
}
