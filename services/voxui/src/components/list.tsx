import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';

import { Pager, Pages } from './pager';
import { LoadingRows, Problem } from './states';
import { Table, type TableProps } from './table';

interface Answer<Row> {
  items: Row[];
  next?: string | null;
  total?: number | null;
  total_capped?: boolean;
}

/** How the list is turned over: from cursor to cursor, or by the numbers of its pages. Undefined: the first page. */
type Turning =
  | { cursor: string | undefined; onCursor: (cursor: string | undefined) => void }
  | { page: number | undefined; onPage: (page: number | undefined) => void };

interface ListProps<Row> extends Omit<TableProps<Row>, 'rows'> {
  query: Pick<UseQueryResult<Answer<Row>>, 'data' | 'error' | 'isPending' | 'isPlaceholderData' | 'refetch'>;
  /** In place of the answer's own. */
  rows?: Row[];
  /** What it holds, as a sentence begins with it: "The calls". */
  what: string;
  one: string;
  many?: string;
  turning: Turning;
  /** Shown when there is nothing on any page. */
  empty: ReactNode;
}

/** One page of a list: that it loads, why it could not be, that there is nothing, or its rows and the way on. */
export function List<Row>({ query, rows, what, one, many, turning, empty, ...table }: ListProps<Row>) {
  const { data } = query;
  if (query.isPending) return <LoadingRows rows={8} label={`Loading: ${what}`} />;
  if (!data) {
    return (
      <div className="p-4">
        <Problem error={query.error} title={`${what} could not be loaded`} onRetry={query.refetch} />
      </div>
    );
  }
  const shown = rows ?? data.items;
  const isFirst = ('cursor' in turning ? turning.cursor : turning.page) === undefined;
  if (shown.length === 0 && isFirst && !data.next) return empty;
  const name = { one, ...(many ? { many } : {}) };
  return (
    <>
      {shown.length === 0 ? (
        // A filter may leave nothing of one page and something of another; the last row of a page may be deleted.
        <p className="p-6 text-center text-muted">No {one} of this page fits. Those of other pages may.</p>
      ) : (
        <div className={query.isPlaceholderData ? 'opacity-60' : ''}>
          <Table {...table} rows={shown} />
        </div>
      )}
      {'cursor' in turning ? (
        <Pager
          {...name}
          page={data}
          shown={shown.length}
          hasCursor={turning.cursor !== undefined}
          onCursor={turning.onCursor}
        />
      ) : (
        <Pages {...name} page={turning.page} total={data.total ?? shown.length} onPage={turning.onPage} />
      )}
    </>
  );
}
