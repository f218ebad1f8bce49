/** The two charts over time. This file carries the chart library and is loaded when a chart is shown. */
import { Bar, BarChart, CartesianGrid, Line, LineChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import { useId, type ReactNode } from 'react';

import type { CallBucket, LatencyBucket } from '@/generated';
import { milliseconds } from '@/lib/format';

export const HEIGHT = 240;

interface ChartProps<Bucket> {
  buckets: Bucket[];
  /** A moment as it stands under its bar, and as the tooltip says it. */
  short: (iso: string) => string;
  long: (iso: string) => string;
}

const AXIS = { stroke: 'var(--line-strong)', tick: { fill: 'var(--muted)', fontSize: 11 }, tickLine: false };
const GRID = <CartesianGrid vertical={false} stroke="var(--line)" />;
const MARGIN = { top: 8, right: 8, bottom: 0, left: 0 };

/** One unit for a whole axis. */
const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;

interface TipProps {
  active?: boolean | undefined;
  payload?: readonly { name?: unknown; value?: unknown; color?: string | undefined }[] | undefined;
  label?: unknown;
}

function Tip({
  active,
  payload,
  label,
  title,
  value,
}: TipProps & { title: (label: string) => string; value: (value: number) => string }) {
  if (!active || !payload?.length) return null;
  return (
    <div className="rounded-lg border border-line bg-raised px-3 py-2 text-xs shadow-raised">
      <p className="mb-1 font-medium">{title(String(label))}</p>
      <ul>
        {payload.map((entry) => (
          <li key={String(entry.name)} className="num flex justify-between gap-4">
            <span className="text-muted">{String(entry.name)}</span>
            <span>{typeof entry.value === 'number' ? value(entry.value) : '–'}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

const Frame = ({ children }: { children: ReactNode }) => (
  // Its words are the summary above and the table behind the button; the drawing itself says nothing to a reader.
  <div aria-hidden="true" style={{ height: HEIGHT }}>
    {children}
  </div>
);

export function CallsChart({ buckets, short, long }: ChartProps<CallBucket>) {
  const id = useId().replaceAll(':', '');
  const rows = buckets.map((bucket) => ({
    start: bucket.start,
    Connected: bucket.connected,
    Other: bucket.calls - bucket.connected - bucket.failed,
    Failed: bucket.failed,
  }));
  return (
    <Frame>
      <ResponsiveContainer width="100%" height="100%">
        <BarChart data={rows} margin={MARGIN} accessibilityLayer={false}>
          <defs>
            <Hatch id={`${id}-other`} colour="var(--stage-other)" turn={45} />
            <Hatch id={`${id}-failed`} colour="var(--bad)" turn={-45} />
          </defs>
          {GRID}
          <XAxis dataKey="start" tickFormatter={short} minTickGap={28} {...AXIS} />
          <YAxis allowDecimals={false} width={40} axisLine={false} {...AXIS} />
          <Tooltip
            cursor={{ fill: 'var(--sunken)' }}
            isAnimationActive={false}
            content={(props) => <Tip {...props} title={long} value={(value) => value.toLocaleString('en')} />}
          />
          <Bar dataKey="Connected" stackId="calls" fill="var(--ok)" maxBarSize={36} isAnimationActive={false} />
          <Bar dataKey="Other" stackId="calls" fill={`url(#${id}-other)`} maxBarSize={36} isAnimationActive={false} />
          <Bar dataKey="Failed" stackId="calls" fill={`url(#${id}-failed)`} maxBarSize={36} isAnimationActive={false} />
        </BarChart>
      </ResponsiveContainer>
    </Frame>
  );
}

/** Stripes, so that a part is known without its colour. */
const Hatch = ({ id, colour, turn }: { id: string; colour: string; turn: number }) => (
  <pattern id={id} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform={`rotate(${turn})`}>
    <rect width="6" height="6" fill={colour} fillOpacity="0.3" />
    <rect width="3" height="6" fill={colour} />
  </pattern>
);

/** A point without a line; it takes the look of its line, but a broken circle says nothing. */
const LONE = { r: 3, strokeDasharray: 'none' };

export function LatencyChart({ buckets, short, long }: ChartProps<LatencyBucket>) {
  const rows = buckets.map((bucket) => ({
    start: bucket.start,
    Median: bucket.p50_ms,
    '95th percentile': bucket.p95_ms,
  }));
  const dot = rows.filter((row) => row.Median !== null).length <= 1 ? LONE : false;
  return (
    <Frame>
      <ResponsiveContainer width="100%" height="100%">
        <LineChart data={rows} margin={MARGIN} accessibilityLayer={false}>
          {GRID}
          <XAxis dataKey="start" tickFormatter={short} minTickGap={28} {...AXIS} />
          <YAxis width={44} axisLine={false} tickFormatter={seconds} {...AXIS} />
          <Tooltip
            cursor={{ stroke: 'var(--line-strong)' }}
            isAnimationActive={false}
            content={(props) => <Tip {...props} title={long} value={milliseconds} />}
          />
          <Line
            dataKey="Median"
            stroke="var(--info)"
            strokeWidth={2}
            dot={dot}
            connectNulls
            isAnimationActive={false}
          />
          <Line
            dataKey="95th percentile"
            stroke="var(--violet)"
            strokeWidth={2}
            strokeDasharray="6 4"
            dot={dot}
            connectNulls
            isAnimationActive={false}
          />
        </LineChart>
      </ResponsiveContainer>
    </Frame>
  );
}
