/** A page of a list whose last row has gone is no dead end. */
import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';

import { renderPage } from '@/test/render';

import { List } from './list';

type Turning = Parameters<typeof List>[0]['turning'];

function show(answer: object, turning: Turning) {
  const query = { data: { items: [], ...answer }, error: null, isPending: false, isPlaceholderData: false };
  renderPage(
    <List
      query={{ ...query, refetch: vi.fn() } as never}
      what="The users"
      one="user"
      label="Users"
      columns={[]}
      rowKey={String}
      turning={turning}
      empty={<p>Nobody yet</p>}
    />,
  );
}

it('leads from a page that has gone to the last one that there is', async () => {
  const onPage = vi.fn();
  show({ total: 50 }, { page: 4, onPage });
  expect(await screen.findByText(/^No user of this page fits/)).toBeVisible();
  await userEvent.click(screen.getByRole('button', { name: 'Previous page' }));
  expect(onPage).toHaveBeenCalledWith(1);
  expect(screen.queryByText('Nobody yet')).toBeNull();
});

it('leads on from a page of which nothing fits, and back to the first', async () => {
  const onCursor = vi.fn();
  show({ next: 'n' }, { cursor: 'c', onCursor });
  await userEvent.click(await screen.findByRole('button', { name: 'Next page' }));
  await userEvent.click(screen.getByRole('button', { name: 'First page' }));
  expect(onCursor.mock.calls).toEqual([['n'], [undefined]]);
});

it('says what it is when there is nothing at all (U1)', async () => {
  show({ total: 0 }, { page: undefined, onPage: vi.fn() });
  expect(await screen.findByText('Nobody yet')).toBeVisible();
  expect(screen.queryByRole('button')).toBeNull();
});
