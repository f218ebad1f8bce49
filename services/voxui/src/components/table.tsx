import { useLayoutEffect, useRef, useState, type MouseEvent, type ReactNode } from 'react';

import { useInParts, useMedia } from '@/lib/hooks';
import { directionOf, fieldOf, nextOrder, orderText, type Orders } from '@/lib/sort';

import { Select } from './field';

export interface Column<Row> {
  key: string;
  header: string;
  cell: (row: Row) => ReactNode;
  /** On a small screen: the heading of the card, or a line without its name. */
  role?: 'title' | 'aside' | 'detail';
  align?: 'right';
  /** The field that the list can be sorted by at this header. */
  sort?: string;
  /** Shown to whoever chooses it (`useColumns`). */
  optional?: boolean;
}

interface Sorting {
  orders: Orders;
  /** Undefined: as the list comes. */
  order: string | undefined;
  onOrder: (order: string | undefined) => void;
}

export interface TableProps<Row> {
  label: string;
  columns: Column<Row>[];
  rows: Row[];
  rowKey: (row: Row) => string;
  sorting?: Sorting;
}

/** Rows that a screen holds. */
const FIRST = 20;

/**
 * A table whose header stays in sight; below 768 px each row becomes a card. The link in the title cell covers its
 * whole row.
 */
export function Table<Row>(props: TableProps<Row>) {
  const wide = useMedia('(min-width: 768px)');
  const rows = useInParts(props.rows, FIRST);
  return wide ? <Rows {...props} rows={rows} /> : <Cards {...props} rows={rows} />;
}

function Rows<Row>({ label, columns, rows, rowKey, sorting }: TableProps<Row>) {
  const { frame, isWider } = useIsWider();
  // What scrolls sideways holds its own header; only then, as the header of a page is to stay while the page scrolls.
  const scrolls = isWider
    ? {
        className: 'max-h-[calc(100dvh-2rem)] scroll-pt-9 overflow-auto',
        role: 'region',
        'aria-label': label,
        tabIndex: 0,
      }
    : {};
  return (
    <div ref={frame} {...scrolls}>
      <table className="w-full text-left text-sm">
        <caption className="sr-only">{label}</caption>
        <thead className="sticky top-0 z-20 bg-surface shadow-[inset_0_-1px_var(--line)]">
          <tr>
            {columns.map((column) => (
              <HeaderCell key={column.key} column={column} sorting={sorting} />
            ))}
          </tr>
        </thead>
        {/* eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- nothing is done by it, a tooltip is shown */}
        <tbody onMouseMove={showTitleBeneath}>
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

/** Whether the table is wider than what holds it. */
function useIsWider() {
  const frame = useRef<HTMLDivElement>(null);
  const [isWider, setIsWider] = useState(false);
  useLayoutEffect(() => {
    const [outer, table] = [frame.current, frame.current?.querySelector('table')];
    if (!outer || !table) return;
    const observer = new ResizeObserver(() => {
      setIsWider(table.offsetWidth > outer.offsetWidth);
    });
    observer.observe(outer);
    observer.observe(table);
    return () => {
      observer.disconnect();
    };
  }, []);
  return { frame, isWider };
}

interface HeaderCellProps<Row> {
  column: Column<Row>;
  sorting: Sorting | undefined;
}

function HeaderCell<Row>({ column: { header, align, sort }, sorting }: HeaderCellProps<Row>) {
  const order = sorting && (sorting.order ?? sorting.orders[0]);
  const active = order !== undefined && fieldOf(order) === sort ? directionOf(order) : undefined;
  return (
    <th
      scope="col"
      aria-sort={active}
      className={`h-9 px-3 text-xs font-medium whitespace-nowrap text-muted first:pl-4 last:pr-4 ${align === 'right' ? 'text-right' : ''}`}
    >
      {sort && sorting ? (
        <button
          type="button"
          className={`font-medium hover:text-ink ${active ? 'text-ink' : ''}`}
          onClick={() => {
            sorting.onOrder(nextOrder(sorting.orders, sorting.order, sort));
          }}
        >
          {header}
          <span aria-hidden="true">{active ? (active === 'ascending' ? ' ↑' : ' ↓') : ' ↕'}</span>
        </button>
      ) : (
        header
      )}
    </th>
  );
}

function Cards<Row>({ label, columns, rows, rowKey, sorting }: TableProps<Row>) {
  const of = (role: Column<Row>['role']) => columns.filter((column) => (column.role ?? 'detail') === role);
  return (
    <>
      {sorting && (
        <div className="flex items-center gap-2 border-b border-line px-4 py-2 text-xs text-muted">
          Sorted by
          <OrderSelect label={label} fields={columns} sorting={sorting} />
        </div>
      )}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- nothing is done by it, a tooltip is shown */}
      <ul aria-label={label} onMouseMove={showTitleBeneath} className="divide-y divide-line">
        {rows.map((row) => (
          <li key={rowKey(row)} className="relative px-4 py-3">
            <div className="flex items-center justify-between gap-3">
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
    </>
  );
}

interface OrderSelectProps {
  label: string;
  /** What can be sorted by, as it is called on the screen. */
  fields: { sort?: string; header: string }[];
  sorting: Sorting;
}

/** The order of a list without headers to press. */
export function OrderSelect({ label, fields, sorting: { orders, order, onOrder } }: OrderSelectProps) {
  const choices = orders.flatMap((one) => {
    const field = fields.find(({ sort }) => sort === fieldOf(one));
    return field ? [{ value: one, text: orderText(field.header, one) }] : [];
  });
  if (!choices.some(({ value }) => value === orders[0])) choices.unshift({ value: orders[0], text: 'Usual order' });
  return (
    <Select
      aria-label={`Order of: ${label}`}
      value={order ?? orders[0]}
      className="w-auto! grow sm:grow-0"
      onChange={({ target: { value } }) => {
        onOrder(value === orders[0] ? undefined : value);
      }}
    >
      {choices.map(({ value, text }) => (
        <option key={value} value={value}>
          {text}
        </option>
      ))}
    </Select>
  );
}

/** The link that makes a whole row clickable; other controls of the row need `relative z-10`. */
export const ROW_LINK = 'font-medium text-ink no-underline after:absolute after:inset-0 hover:underline';

const ownTitles = new WeakMap<HTMLElement, string>();

/**
 * The link of a row lies over what the row says, also over what has a tooltip of its own, as a time has: the link takes
 * over the tooltip of what is under the pointer.
 */
function showTitleBeneath({ target, clientX, clientY }: MouseEvent) {
  if (!(target instanceof HTMLElement) || !target.matches('a, button')) return;
  const own = ownTitles.get(target) ?? target.title;
  ownTitles.set(target, own);
  const beneath = document
    .elementsFromPoint(clientX, clientY)
    .find((one) => one instanceof HTMLElement && one.title !== '' && !one.contains(target) && !target.contains(one));
  const title = beneath instanceof HTMLElement ? beneath.title : own;
  if (target.title !== title) target.title = title;
}
