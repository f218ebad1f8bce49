import { plural } from '@/lib/format';

/** How full the fleet is: green below 80 %, amber to 95 %, red above; the words say it too. */
export function Capacity({ busy, total }: { busy: number; total: number }) {
  const share = total > 0 ? busy / total : 0;
  const colour = share >= 0.95 ? 'bg-bad' : share >= 0.8 ? 'bg-warn' : 'bg-ok';
  return (
    <div>
      <div
        role="meter"
        aria-label="Seats in use"
        aria-valuemin={0}
        aria-valuemax={total}
        aria-valuenow={busy}
        aria-valuetext={`${busy} of ${plural(total, 'seat')} in use`}
        className="h-2 overflow-hidden rounded-full bg-line"
      >
        {/* Moved, not made wider, and at once: nothing is laid out anew, and a fleet in use does not animate all the time. */}
        <div className={`h-full rounded-full ${colour}`} style={{ transform: `translateX(${(share - 1) * 100}%)` }} />
      </div>
      <p className="num mt-1.5 text-xs text-muted">
        {busy} of {plural(total, 'seat')} in use{total > 0 ? `, ${Math.round(share * 100)} %` : ''}
      </p>
    </div>
  );
}
