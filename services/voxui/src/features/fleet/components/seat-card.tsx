import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';

import { Button } from '@/components/button';
import { useDataNow } from '@/components/live';
import { DASH, duration, shortId } from '@/lib/format';

import { seatLabel, type Names, type Seat } from '../lib/seats';

interface SeatCardProps {
  seat: Seat;
  names: Names;
  isPinned: boolean;
  onDrain?: () => void;
}

const LINK = 'text-brand-text hover:underline';

/** What one seat does, for whom, and since when. */
export function SeatCard({ seat, names, isPinned, onDrain }: SeatCardProps) {
  const { view } = seat;
  const now = useDataNow();
  const { session_id: call, bot_id: bot, campaign, reservation_id: reservation } = view;
  const facts: [string, ReactNode][] = [
    ['Host', view.host_id || DASH],
    ['Image', view.image_tag || DASH],
    ['For', duration((now - view.since_ms) / 1_000)],
    ['Heartbeat', `${(view.age_ms / 1_000).toFixed(1)} s ago`],
    ['Epoch', String(view.epoch)],
    ['Results to send', String(view.outbox_pending)],
    ['Call', call && <Link to="/dashboard/calls/$id" params={{ id: call }} className={`font-mono ${LINK}`}>{shortId(call)}</Link>],
    ['Bot', bot && <Link to="/dashboard/bots/$id" params={{ id: bot }} className={LINK}>{names.bots[bot] ?? shortId(bot)}</Link>],
    ['Campaign', campaign && <Link to="/dashboard/campaigns/$id" params={{ id: campaign }} className={LINK}>{names.campaigns[campaign] ?? shortId(campaign)}</Link>],
    ['Reservation', reservation && shortId(reservation)],
  ]; // prettier-ignore
  return (
    <div>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <p className="font-mono text-sm font-medium">{seat.workerId}</p>
        <p className="text-sm text-muted">{seatLabel(seat)}</p>
        {isPinned && <p className="text-xs text-muted">Kept open; press the seat again to let go.</p>}
        {onDrain && !seat.draining && (
          <Button small look="quiet" className="ml-auto" onClick={onDrain}>
            Drain this seat
          </Button>
        )}
      </div>
      <dl className="mt-2 flex flex-wrap gap-x-8 gap-y-2 text-sm">
        {facts
          .filter(([, value]) => value)
          .map(([name, value]) => (
            <div key={name}>
              <dt className="text-xs text-muted">{name}</dt>
              <dd className="num">{value}</dd>
            </div>
          ))}
      </dl>
    </div>
  );
}
