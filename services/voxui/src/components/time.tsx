import { ago, dateTime, fullTime } from '@/lib/format';
import { useNow, useZone } from '@/lib/hooks';

/** A moment in the display zone; the tooltip has seconds and offset, what is copied is UTC. */
export function Time({ iso, relative = false }: { iso: string | null | undefined; relative?: boolean }) {
  const zone = useZone();
  const now = useNow();
  if (!iso) return <span className="text-muted">{relative ? 'Never' : '–'}</span>;
  return (
    <time dateTime={iso} title={fullTime(iso, zone)} className="num whitespace-nowrap">
      {relative ? ago(iso, now) : dateTime(iso, zone, now)}
    </time>
  );
}
