import { act, fireEvent, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, it, vi } from 'vitest';

import { Table } from './table';

const COLUMNS = [
  { key: 'name', header: 'Name', role: 'title' as const, sort: 'name', cell: (row: string) => row },
  { key: 'size', header: 'Size', sort: 'size', cell: (row: string) => row.length },
];
const ORDERS = ['name', '-size', 'size'] as const;

function show(order?: string) {
  const onOrder = vi.fn();
  render(
    <Table
      label="Words"
      columns={COLUMNS}
      rows={['one', 'three']}
      rowKey={(row) => row}
      sorting={{ orders: ORDERS, order, onOrder }}
    />,
  );
  return onOrder;
}
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

it('says by which header it is sorted, and asks for another order at a press (U7)', async () => {
  const onOrder = show();
  expect(screen.getByRole('columnheader', { name: 'Name' })).toHaveAttribute('aria-sort', 'ascending');
  expect(screen.getByRole('columnheader', { name: 'Size' })).not.toHaveAttribute('aria-sort');
  await userEvent.click(screen.getByRole('button', { name: 'Size' }));
  expect(onOrder).toHaveBeenLastCalledWith('-size');
  await userEvent.click(screen.getByRole('button', { name: 'Name' }));
  expect(onOrder).toHaveBeenLastCalledWith(undefined);
});

it('scrolls by itself only while it is wider than its place', () => {
  const watchers: (() => void)[] = [];
  vi.stubGlobal(
    'ResizeObserver',
    class {
      constructor(tell: () => void) {
        watchers.push(tell);
      }
      observe() {}
      disconnect() {}
    },
  );
  let width = 1_200;
  vi.spyOn(HTMLElement.prototype, 'offsetWidth', 'get').mockImplementation(function (this: HTMLElement) {
    return this.tagName === 'TABLE' ? width : 1_000;
  });
  const resized = () => {
    act(() => {
      for (const tell of watchers) tell();
    });
  };
  show();
  resized();
  expect(screen.getByRole('region', { name: 'Words' })).toHaveAttribute('tabindex', '0');
  width = 1_000;
  resized();
  expect(screen.queryByRole('region')).not.toBeInTheDocument();
});

it('is sorted by a list of choices where rows are cards', async () => {
  const wide = window.matchMedia;
  vi.spyOn(window, 'matchMedia').mockImplementation((query) => ({ ...wide(query), matches: false }));
  const onOrder = show('-size');
  const choice = screen.getByRole('combobox', { name: 'Order of: Words' });
  expect(choice).toHaveDisplayValue('Size, descending');
  await userEvent.selectOptions(choice, 'Size, ascending');
  expect(onOrder).toHaveBeenLastCalledWith('size');
  await userEvent.selectOptions(choice, 'Name, ascending');
  expect(onOrder).toHaveBeenLastCalledWith(undefined);
});

it('shows the exact time of a row, over which the link of the row lies (U2)', () => {
  const columns = [
    { key: 'name', header: 'Name', role: 'title' as const, cell: () => <a href="/one">One</a> },
    { key: 'when', header: 'When', cell: () => <time title="28 Nov 2026, 14:05:06 UTC">2 min ago</time> },
  ];
  render(<Table label="Words" columns={columns} rows={['one']} rowKey={(row) => row} />);
  const link = screen.getByRole('link', { name: 'One' });
  const beneath = [link, screen.getByText('2 min ago')];
  // No layout is made here: what lies under the pointer.
  document.elementsFromPoint = () => beneath;
  fireEvent.mouseMove(link);
  expect(link).toHaveAttribute('title', '28 Nov 2026, 14:05:06 UTC');
  beneath.pop();
  fireEvent.mouseMove(link);
  expect(link.title).toBe('');
});
