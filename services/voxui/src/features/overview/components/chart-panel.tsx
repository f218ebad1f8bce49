import { lazy, Suspense, useState, type ReactNode } from 'react';

import { Button } from '@/components/button';
import { Panel } from '@/components/card';
import { useSeen } from '@/components/in-sight';
import { LoadingBlock, Problem } from '@/components/states';
import { Table, type Column } from '@/components/table';
import { saveFile } from '@/lib/download';

import { csvOf } from '../lib/range';

/** One request for both. */
let charts: Promise<typeof import('./charts')> | undefined;
const load = () => (charts ??= import('./charts'));
export const CallsChart = lazy(() => load().then((loaded) => ({ default: loaded.CallsChart })));
export const LatencyChart = lazy(() => load().then((loaded) => ({ default: loaded.LatencyChart })));

export interface Loads<T> {
  data: T | undefined;
  error: unknown;
  isPending: boolean;
  isPlaceholderData?: boolean;
  refetch: () => unknown;
}

interface ChartPanelProps<T, Row> {
  title: string;
  /** What the figures are, with their unit. */
  hint: string;
  query: Loads<T>;
  rowsOf: (data: T) => Row[];
  isEmpty: (rows: Row[]) => boolean;
  columns: Column<Row>[];
  rowKey: (row: Row) => string;
  csv: { name: string; header: string[]; cells: (row: Row) => (string | number | null)[] };
  /** The finding in a sentence: all that a reader of the screen hears of the drawing. */
  summary: (rows: Row[]) => string;
  legend?: ReactNode;
  draw: (rows: Row[]) => ReactNode;
}

/** A chart with its four states, and its figures as a table and as a file. */
export function ChartPanel<T, Row>(props: ChartPanelProps<T, Row>) {
  const { title, hint, query, rowsOf, isEmpty, columns, rowKey, csv, summary, legend, draw } = props;
  const [asTable, setAsTable] = useState(false);
  const rows = query.data === undefined ? [] : rowsOf(query.data);
  const hasData = query.data !== undefined && !isEmpty(rows);
  const save = () => saveFile(new Response(csvOf(csv.header, rows.map(csv.cells))), csv.name);
  return (
    <Panel
      title={title}
      hint={hint}
      actions={
        hasData && (
          <>
            <Button
              small
              look="quiet"
              aria-pressed={asTable}
              aria-label={`${title} as a table`}
              onClick={() => {
                setAsTable(!asTable);
              }}
            >
              {asTable ? 'Chart' : 'Table'}
            </Button>
            <Button small look="quiet" aria-label={`${title} as CSV`} onClick={() => void save()}>
              CSV
            </Button>
          </>
        )
      }
    >
      {query.isPending ? (
        <LoadingBlock label={`Loading: ${title}`} className="h-60" />
      ) : query.data === undefined ? (
        <Problem error={query.error} title={`${title}: could not be loaded`} onRetry={query.refetch} />
      ) : !hasData ? (
        <p className="grid h-60 place-items-center text-muted">No calls in this range</p>
      ) : (
        <div className={query.isPlaceholderData ? 'opacity-60' : ''}>
          {asTable ? (
            // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a keyboard must be able to scroll it
            <div className="-mx-4 -mb-4 max-h-80 overflow-y-auto" tabIndex={0} role="region" aria-label={title}>
              <Table label={title} columns={columns} rows={rows} rowKey={rowKey} />
            </div>
          ) : (
            <figure>
              <figcaption className="sr-only">{summary(rows)}</figcaption>
              {legend}
              <WhenSeen waiting={<LoadingBlock label={`Loading: ${title}`} className="h-60" />}>{draw(rows)}</WhenSeen>
            </figure>
          )}
        </div>
      )}
    </Panel>
  );
}

/** A chart is drawn when somebody gets to it: on a phone that is below everything else, and its library is large. */
function WhenSeen({ waiting, children }: { waiting: ReactNode; children: ReactNode }) {
  const { place, seen } = useSeen<HTMLDivElement>();
  return <div ref={place}>{seen ? <Suspense fallback={waiting}>{children}</Suspense> : waiting}</div>;
}

/** Names of the parts with their look: full, striped one way, striped the other; or full and broken lines. */
export function Legend({ items }: { items: { name: string; look: string }[] }) {
  return (
    <ul className="mb-2 flex flex-wrap gap-x-4 gap-y-1 text-xs text-muted" aria-hidden="true">
      {items.map(({ name, look }) => (
        <li key={name} className="flex items-center gap-1.5">
          <span className={look} />
          {name}
        </li>
      ))}
    </ul>
  );
}
