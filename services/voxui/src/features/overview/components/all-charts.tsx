import { useQuery } from '@tanstack/react-query';

import type { CallBucket, DisconnectReasonCount, DispositionCount, LatencyBucket } from '@/generated';
import { LiveData } from '@/components/live';
import type { Column } from '@/components/table';
import { day, duration, fullTime, hour, milliseconds, percent, plural } from '@/lib/format';
import { useZone } from '@/lib/hooks';

import { callsOverTimeQuery, dispositionsQuery, latencyQuery, PERIOD_MS, reasonsQuery } from '../api/analytics';
import { firstTen, type Asked } from '../lib/range';
import { BarList } from './bar-list';
import { CallsChart, ChartPanel, LatencyChart, Legend } from './chart-panel';

const SWATCH = 'inline-block size-2.5 rounded-sm';
const STRIPES = 'bg-[repeating-linear-gradient(45deg,currentColor_0_2px,transparent_2px_4px)]';
const CALLS_LEGEND = [
  { name: 'Connected', look: `${SWATCH} bg-ok` },
  { name: 'Other', look: `${SWATCH} ${STRIPES} text-[var(--stage-other)]` },
  { name: 'Failed', look: `${SWATCH} ${STRIPES} -scale-x-100 text-bad` },
];
const LATENCY_LEGEND = [
  { name: 'Median', look: 'inline-block w-5 border-t-2 border-info' },
  { name: '95th percentile', look: 'inline-block w-5 border-t-2 border-dashed border-violet' },
];

/** The four charts of a range. */
export function Charts({ asked, endedBy }: { asked: Asked; endedBy: (value: string) => string }) {
  const zone = useZone();
  const calls = useQuery(callsOverTimeQuery(asked));
  const latency = useQuery(latencyQuery(asked));
  const dispositions = useQuery(dispositionsQuery(asked));
  const reasons = useQuery(reasonsQuery(asked));
  const per = asked.interval;
  const short = (iso: string) => (per === 'hour' ? hour(iso, zone) : day(iso, zone));
  const long = (iso: string) => (per === 'hour' ? `${day(iso, zone)}, ${hour(iso, zone)}` : day(iso, zone));
  const when = { key: 'start', header: per === 'hour' ? 'Hour' : 'Day', role: 'title' as const };
  const start = <Row extends { start: string }>(): Column<Row> => ({
    ...when,
    cell: (row) => <span title={fullTime(row.start, zone)}>{long(row.start)}</span>,
  });
  const file = (what: string) => `${what}-${asked.from}-${asked.to}.csv`;
  const { from, to, bot_id, campaign_id } = asked;
  const days = { range: 'custom', from, to, ...(bot_id ? { bot_id } : {}), ...(campaign_id ? { campaign_id } : {}) };
  const filter = (key: string, value: string) => ({ ...days, [key]: value });
  return (
    <div className="grid gap-4 lg:grid-cols-2">
      {[calls, latency, dispositions, reasons].map((query, at) => (
        <LiveData key={at} of={query} everyMs={PERIOD_MS} lateMs={Infinity} />
      ))}
      <ChartPanel
        title={`Calls per ${per}`}
        hint="Number of calls, by when they began"
        query={calls}
        rowsOf={(data) => data.buckets}
        isEmpty={(rows) => rows.every((row) => row.calls === 0)}
        rowKey={(row) => row.start}
        columns={[start<CallBucket>(), ...CALL_COLUMNS]}
        csv={{
          name: file('calls'),
          header: ['start', 'calls', 'connected', 'failed', 'avg_duration_seconds'],
          cells: (row) => [row.start, row.calls, row.connected, row.failed, row.avg_duration_seconds],
        }}
        summary={(rows) => {
          const most = rows.reduce((best, row) => (row.calls > best.calls ? row : best));
          const total = rows.reduce((sum, row) => sum + row.calls, 0);
          return `${plural(total, 'call')}. Most of them: ${most.calls.toLocaleString('en')}, ${long(most.start)}.`;
        }}
        legend={<Legend items={CALLS_LEGEND} />}
        draw={(rows) => <CallsChart buckets={rows} short={short} long={long} />}
      />
      <ChartPanel
        title="Response time"
        hint="From the caller’s last word to the bot’s first, average of each call"
        query={latency}
        rowsOf={(data) => data.buckets}
        isEmpty={(rows) => rows.every((row) => row.calls === 0)}
        rowKey={(row) => row.start}
        columns={[start<LatencyBucket>(), ...LATENCY_COLUMNS]}
        csv={{
          name: file('response-time'),
          header: ['start', 'p50_ms', 'p95_ms', 'calls'],
          cells: (row) => [row.start, row.p50_ms, row.p95_ms, row.calls],
        }}
        summary={(rows) => {
          const slow = rows.reduce((worst, row) => ((row.p95_ms ?? 0) > (worst.p95_ms ?? 0) ? row : worst));
          return `Slowest 95th percentile: ${milliseconds(slow.p95_ms)}, ${long(slow.start)}.`;
        }}
        legend={<Legend items={LATENCY_LEGEND} />}
        draw={(rows) => <LatencyChart buckets={rows} short={short} long={long} />}
      />
      <ChartPanel
        title="Dispositions"
        hint="What became of the calls, number and share of those that ended"
        query={dispositions}
        rowsOf={(data) => data.items}
        isEmpty={(rows) => rows.length === 0}
        rowKey={(row) => row.disposition}
        columns={[
          { key: 'name', header: 'Disposition', role: 'title', cell: (row) => dispositionLabel(row.disposition) },
          ...COUNT_COLUMNS<DispositionCount>(),
        ]}
        csv={{
          name: file('dispositions'),
          header: ['disposition', 'count', 'share'],
          cells: (row) => [row.disposition, row.count, row.share],
        }}
        summary={(rows) => `Most frequent: ${dispositionLabel(rows[0]?.disposition ?? '')}.`}
        draw={(rows) => {
          const { shown, rest } = firstTen(rows);
          const items = shown.map((row) => ({
            key: row.disposition,
            label: dispositionLabel(row.disposition),
            count: row.count,
            share: row.share,
            // A comma would be read as two words by the list, and calls without a disposition have none to ask for.
            filter: /^(none|\(other\))$|,/.test(row.disposition) ? null : filter('disposition', row.disposition),
          }));
          return <BarList items={items} rest={rest} />;
        }}
      />
      <ChartPanel
        title="Who ended the call"
        hint="Number and share of the calls that ended"
        query={reasons}
        rowsOf={(data) => data.items}
        isEmpty={(rows) => rows.length === 0}
        rowKey={(row) => row.disconnected_by}
        columns={[
          { key: 'name', header: 'Ended by', role: 'title', cell: (row) => endedBy(row.disconnected_by) },
          ...COUNT_COLUMNS<DisconnectReasonCount>(),
        ]}
        csv={{
          name: file('disconnect-reasons'),
          header: ['disconnected_by', 'count', 'share'],
          cells: (row) => [row.disconnected_by, row.count, row.share],
        }}
        summary={(rows) => `Most frequent: ${endedBy(rows[0]?.disconnected_by ?? '')}.`}
        draw={(rows) => {
          const { shown, rest } = firstTen(rows);
          const items = shown.map((row) => ({
            key: row.disconnected_by,
            label: endedBy(row.disconnected_by),
            count: row.count,
            share: row.share,
            filter: row.disconnected_by === 'none' ? null : filter('disconnected_by', row.disconnected_by),
          }));
          return <BarList items={items} rest={rest} />;
        }}
      />
    </div>
  );
}

const dispositionLabel = (value: string) =>
  value === 'none' ? 'Without a disposition' : value === '(other)' ? 'Seldom ones together' : value;

const number = (value: number) => value.toLocaleString('en');
const CALL_COLUMNS: Column<CallBucket>[] = [
  { key: 'calls', header: 'Calls', align: 'right', cell: (row) => number(row.calls) },
  { key: 'connected', header: 'Connected', align: 'right', cell: (row) => number(row.connected) },
  { key: 'failed', header: 'Failed', align: 'right', cell: (row) => number(row.failed) },
  { key: 'average', header: 'Average call', align: 'right', cell: (row) => duration(row.avg_duration_seconds) },
];
const LATENCY_COLUMNS: Column<LatencyBucket>[] = [
  { key: 'p50', header: 'Median', align: 'right', cell: (row) => milliseconds(row.p50_ms) },
  { key: 'p95', header: '95th percentile', align: 'right', cell: (row) => milliseconds(row.p95_ms) },
  { key: 'calls', header: 'Calls', align: 'right', cell: (row) => number(row.calls) },
];
const COUNT_COLUMNS = <Row extends { count: number; share: number }>(): Column<Row>[] => [
  { key: 'count', header: 'Calls', align: 'right', cell: (row) => number(row.count) },
  { key: 'share', header: 'Share', align: 'right', cell: (row) => percent(row.share) },
];
