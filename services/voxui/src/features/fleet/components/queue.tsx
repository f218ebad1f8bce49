import { Panel } from '@/components/card';
import type { FleetView } from '@/generated';
import { duration, words } from '@/lib/format';

const PRIORITY: Record<string, string> = {
  inbound: 'Incoming',
  callback: 'Callbacks',
  outbound: 'Outgoing',
  test: 'Test calls',
};

/** Who waits for a seat, and who was refused one in the last minute. */
export function Queue({ fleet }: { fleet: FleetView }) {
  const waiting = Object.entries(fleet.waiting_by).filter(([, count]) => count > 0);
  const refusals = Object.entries(fleet.refusals).filter(([, count]) => count > 0);
  return (
    <Panel title="Waiting for a seat" hint="Calls in the queue, and refusals of the last minute">
      <dl className="flex flex-wrap gap-x-12 gap-y-3 text-sm">
        <Fact name="Waiting" value={fleet.waiting.toLocaleString('en')} />
        <Fact name="Longest wait" value={fleet.waiting > 0 ? duration(fleet.longest_wait_ms / 1_000) : '–'} />
        <Fact name="Refused" value={refusals.reduce((sum, [, count]) => sum + count, 0).toLocaleString('en')} />
      </dl>
      {(waiting.length > 0 || refusals.length > 0) && (
        <ul className="mt-4 space-y-1 text-sm">
          {waiting.map(([priority, count]) => (
            <li key={priority} className="num flex justify-between gap-4">
              <span>{PRIORITY[priority] ?? words(priority)}</span>
              <span className="text-muted">{count} waiting</span>
            </li>
          ))}
          {refusals.map(([reason, count]) => (
            <li key={reason} className="num flex justify-between gap-4">
              <span>{words(reason)}</span>
              <span className="text-warn">{count} refused</span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

const Fact = ({ name, value }: { name: string; value: string }) => (
  <div>
    <dt className="text-xs text-muted">{name}</dt>
    <dd className="num mt-0.5 text-lg font-semibold">{value}</dd>
  </div>
);
