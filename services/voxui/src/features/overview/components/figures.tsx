import { Card } from '@/components/card';
import { Skeleton } from '@/components/states';
import type { Overview } from '@/generated';
import { duration, milliseconds, percent } from '@/lib/format';

import { changeOf, type Change } from '../lib/range';

const whole = (value: number) => Math.round(value).toLocaleString('en');
const TONE = { better: 'text-ok', worse: 'text-bad', neutral: 'text-muted' };

/** The figures of the range; each with its change against the period before. */
function tiles(now: Overview): { label: string; value: string; note?: string; change: Change | null }[] {
  const { previous } = now;
  return [
    {
      label: 'Calls',
      value: whole(now.total_calls),
      change: changeOf(now.total_calls, previous.total_calls, 'amount', 'neither'),
    },
    {
      label: 'Connected',
      value: whole(now.connected_calls),
      change: changeOf(now.connected_calls, previous.connected_calls, 'amount', 'more'),
    },
    {
      label: 'Connect rate',
      value: percent(now.connect_rate),
      change: changeOf(now.connect_rate, previous.connect_rate, 'share', 'more'),
    },
    {
      label: 'Average call',
      value: duration(now.avg_duration_seconds),
      change: changeOf(now.avg_duration_seconds, previous.avg_duration_seconds, 'amount', 'neither'),
    },
    {
      label: 'Minutes',
      value: whole(now.total_minutes),
      change: changeOf(now.total_minutes, previous.total_minutes, 'amount', 'neither'),
    },
    {
      label: 'Response time',
      value: milliseconds(now.avg_response_ms),
      ...(now.p95_response_ms === null ? {} : { note: `95 % under ${milliseconds(now.p95_response_ms)}` }),
      change: changeOf(now.avg_response_ms, previous.avg_response_ms, 'amount', 'less'),
    },
    {
      label: 'Transferred',
      value: whole(now.transferred_calls),
      change: changeOf(now.transferred_calls, previous.transferred_calls, 'amount', 'neither'),
    },
  ];
}

export function Figures({ overview, isOld }: { overview: Overview; isOld: boolean }) {
  return (
    <Card className={isOld ? 'opacity-60' : ''}>
      <dl className="grid grid-cols-2 gap-px overflow-hidden rounded-xl bg-line sm:grid-cols-4 xl:grid-cols-7">
        {tiles(overview).map(({ label, value, note, change }) => (
          <div key={label} className="bg-surface p-4 last:col-span-2 xl:last:col-span-1">
            <dt className="text-xs text-muted">{label}</dt>
            <dd>
              <p className="num mt-1 text-2xl font-semibold tracking-tight">{value}</p>
              {change && (
                <p className={`num mt-0.5 text-xs ${TONE[change.tone]}`} title="Against the period before">
                  {change.text}
                  <span className="sr-only"> against the period before</span>
                </p>
              )}
              {note && <p className="num text-xs text-muted">{note}</p>}
            </dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}

export const FiguresLoading = () => (
  <div role="status" aria-label="Loading the figures" className="rounded-xl border border-line bg-surface p-4">
    <div className="grid grid-cols-2 gap-6 sm:grid-cols-4 xl:grid-cols-7">
      {Array.from({ length: 7 }, (_, at) => (
        <div key={at} className="space-y-2">
          <Skeleton className="h-3 w-16" />
          <Skeleton className="h-7 w-20" />
          <Skeleton className="h-3 w-12" />
        </div>
      ))}
    </div>
  </div>
);
