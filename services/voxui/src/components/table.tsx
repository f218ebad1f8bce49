import type { ReactNode } from 'react';

import { useMedia } from '@/lib/hooks';

export interface Column<Row> {
  key: string;
  header: string;
  cell: (row: Row) => ReactNode;
  /** On a small screen: the heading of the card, or a line without its name. */
  role?: 'title' | 'aside' | 'detail';
  align?: 'right';
  sort?: { active: 'ascending' | 'descending' | null; onClick: () => void };
}

interface TableProps<Row> {
  label: string;
  columns: Column<Row>[];
  rows: Row[];
  rowKey: (row: Row) => string;
}

/** A table; below 768 px each row becomes a card. The link in the title cell covers its whole row. */
export function Table<Row>(props: TableProps<Row>) {
  const wide = useMedia('(min-width: 768px)');
  return wide ? <Rows {...props} /> : <Cards {...props} />;
}

function Rows<Row>({ label, columns, rows, rowKey }: TableProps<Row>) {
  return (
    <div className="overflow-x-auto">
      <table className="w-full text-left text-sm">
        <caption className="sr-only">{label}</caption>
        <thead>
          <tr className="border-b border-line">
            {columns.map((column) => (
              <th
                key={column.key}
                scope="col"
                aria-sort={column.sort?.active ?? undefined}
                className={`h-9 px-3 text-xs font-medium whitespace-nowrap text-muted first:pl-4 last:pr-4 ${column.align === 'right' ? 'text-right' : ''}`}
              >
                {column.sort ? (
                  <button type="button" onClick={column.sort.onClick} className="font-medium hover:text-ink">
                    {column.header}
                    <span aria-hidden="true">
                      {column.sort.active ? (column.sort.active === 'ascending' ? ' ↑' : ' ↓') : ' ↕'}
                    </span>
                  </button>
                ) : (
                  column.header
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)} className="relative border-b border-line last:border-0 hover:bg-sunken/60">
              {columns.map((column) => (
                <td
                  key={column.key}
                  className={`px-3 py-2.5 whitespace-nowrap first:pl-4 last:pr-4 compact:py-1.5 ${column.align === 'right' ? 'num text-right' : ''}`}
                >
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Cards<Row>({ label, columns, rows, rowKey }: TableProps<Row>) {
  const of = (role: Column<Row>['role']) => columns.filter((column) => (column.role ?? 'detail') === role);
  return (
    <ul aria-label={label} className="divide-y divide-line">
      {rows.map((row) => (
        <li key={rowKey(row)} className="relative px-4 py-3">
          <div className="flex items-start justify-between gap-3">
            <div className="min-w-0">
              {of('title').map((column) => (
                <div key={column.key} className="min-w-0">
                  {column.cell(row)}
                </div>
              ))}
            </div>
            <div className="flex shrink-0 items-center gap-1">
              {of('aside').map((column) => (
                <div key={column.key}>{column.cell(row)}</div>
              ))}
            </div>
          </div>
          <dl className="mt-2 grid grid-cols-2 gap-x-4 gap-y-1.5 text-[0.8125rem]">
            {of('detail').map((column) => (
              <div key={column.key} className="min-w-0">
                <dt className="text-xs text-muted">{column.header}</dt>
                <dd className="min-w-0 break-words">{column.cell(row)}</dd>
              </div>
            ))}
          </dl>
        </li>
      ))}
    </ul>
  );
}

/** The link that makes a whole row clickable; other controls of the row need `relative z-10`. */
export const ROW_LINK = 'font-medium text-ink no-underline after:absolute after:inset-0 hover:underline';
