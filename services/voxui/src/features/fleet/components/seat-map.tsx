import { Panel } from '@/components/card';
import { plural, words } from '@/lib/format';

import { byHost, type Seat } from '../lib/seats';

// Colour and shape: no state is told by colour alone.
const LOOK: Record<string, string> = {
  starting: 'border-dashed border-line-strong bg-sunken',
  idle: 'border-ok bg-ok-soft',
  reserved: 'border-warn bg-[radial-gradient(circle,var(--warn)_25%,var(--warn-soft)_30%)]',
  busy: 'border-info bg-info',
  wrapping: 'border-violet bg-[linear-gradient(to_top,var(--violet)_50%,var(--violet-soft)_50%)]',
  lost: 'border-bad bg-[linear-gradient(45deg,transparent_44%,var(--bad)_44%_56%,transparent_56%),linear-gradient(-45deg,transparent_44%,var(--bad)_44%_56%,transparent_56%)]',
};
const DRAIN = 'outline-2 outline-offset-1 outline-dashed outline-warn';
const LABEL: Record<string, string> = {
  starting: 'Starting',
  idle: 'Free',
  reserved: 'Reserved',
  busy: 'On a call',
  wrapping: 'Saving the result',
  lost: 'Lost',
};
const labelOf = (seat: Seat) =>
  (LABEL[seat.state] ?? words(seat.state || 'unknown')) + (seat.draining ? ', draining' : '');

/** Every seat as a square that never moves, host by host. */
export function SeatMap({ seats }: { seats: Seat[] }) {
  const states = [...new Set(seats.map((seat) => seat.state))].sort();
  return (
    <Panel title="Seats" hint={plural(seats.length, 'seat')}>
      <ul className="mb-4 flex flex-wrap gap-x-4 gap-y-1.5 text-xs text-muted" aria-label="Legend">
        {states.map((state) => (
          <li key={state} className="flex items-center gap-1.5">
            <span
              className={`size-3.5 rounded border ${LOOK[state] ?? 'border-line-strong bg-sunken'}`}
              aria-hidden="true"
            />
            {LABEL[state] ?? words(state || 'unknown')} {seats.filter((seat) => seat.state === state).length}
          </li>
        ))}
      </ul>
      <div className="space-y-4">
        {byHost(seats).map(([host, members]) => (
          <section key={host} aria-label={`Host ${host}`}>
            <h3 className="mb-1.5 text-xs">
              <span className="font-mono font-medium">{host || 'unnamed host'}</span>{' '}
              <span className="text-muted">
                {members.filter((seat) => seat.state === 'idle' && !seat.draining).length} of {members.length} free
              </span>
            </h3>
            <ul className="flex flex-wrap gap-1.5">
              {members.map((seat) => (
                <li key={seat.workerId}>
                  <span
                    role="img"
                    aria-label={`${seat.workerId}: ${labelOf(seat)}`}
                    title={`${seat.workerId}: ${labelOf(seat)}${seat.imageTag ? `, image ${seat.imageTag}` : ''}`}
                    className={`block size-6 rounded border sm:size-5 ${LOOK[seat.state] ?? 'border-line-strong bg-sunken'} ${seat.draining ? DRAIN : ''}`}
                  />
                </li>
              ))}
            </ul>
          </section>
        ))}
      </div>
    </Panel>
  );
}
