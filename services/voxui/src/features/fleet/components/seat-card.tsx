import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';

import { Button } from '@/components/button';
import { DASH, duration, shortId } from '@/lib/format';
import { useNow } from '@/lib/hooks';

import { seatLabel, type Seat } from '../lib/seats';

/** What one seat does, and since when. */
export function SeatCard({ seat, isPinned, onDrain }: { seat: Seat; isPinned: boolean; onDrain?: () => void }) {
  const { view } = seat;
  const now = useNow(1_000);
  const facts: [string, ReactNode][] = [
    ['Host', view.host_id || DASH],
    ['Image', view.image_tag || DASH],
    ['For', duration((now - view.since_ms) / 1_000)],
    ['Heartbeat', `${(view.age_ms / 1_000).toFixed(1)} s ago`],
    ['Epoch', String(view.epoch)],
    ['Results to send', String(view.outbox_pending)],
    ...(view.session_id
      ? ([
          [
            'Call',
            <Link
              key="call"
              to="/dashboard/calls/$id"
              params={{ id: view.session_id }}
              className="font-mono text-brand-text hover:underline"
            >
              {shortId(view.session_id)}
            </Link>,
          ],
        ] as [string, ReactNode][])
      : []),
    ...(view.campaign ? ([['Campaign', shortId(view.campaign)]] as [string, ReactNode][]) : []),
    ...(view.reservation_id ? ([['Reservation', shortId(view.reservation_id)]] as [string, ReactNode][]) : []),
  ];
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
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt className="text-xs text-muted">{name}</dt>
            <dd className="num">{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
