import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { expect, it } from 'vitest';

import { setToken } from '@/lib/session';
import { useMe } from '@/lib/hooks';
import { renderPage } from '@/test/render';
import { api, server } from '@/test/server';

import { useColumns } from './columns';
import { Table, type Column } from './table';

const COLUMNS: Column<string>[] = [
  { key: 'name', header: 'Name', role: 'title', cell: (row) => row },
  { key: 'size', header: 'Size', cell: (row) => row.length },
  { key: 'first', header: 'First letter', optional: true, cell: (row) => row[0] },
  { key: 'actions', header: 'Actions', cell: () => null },
];

function List() {
  const { shown, choice } = useColumns('words', COLUMNS);
  return (
    <>
      {choice}
      <Table label="Words" columns={shown} rows={['one']} rowKey={(row) => row} />
    </>
  );
}
const SignedIn = () => useMe().data && <List />;

async function open(user: string) {
  setToken('a token');
  server.use(http.get(api('/auth/me'), () => HttpResponse.json({ user_id: user })));
  const page = renderPage(<SignedIn />);
  await screen.findByRole('table');
  return page;
}
const headers = () => screen.getAllByRole('columnheader', { hidden: true }).map((header) => header.textContent);

it('shows the columns that somebody chose, and keeps them for this account alone (U7)', async () => {
  const page = await open('ana');
  expect(headers()).toEqual(['Name', 'Size', 'Actions']);
  await userEvent.click(screen.getByRole('button', { name: 'Columns' }));
  expect(screen.getAllByRole('menuitemcheckbox').map((item) => item.textContent)).toEqual(['Size', 'First letter']);
  await userEvent.click(screen.getByRole('menuitemcheckbox', { name: 'Size', checked: true }));
  await userEvent.click(screen.getByRole('menuitemcheckbox', { name: 'First letter', checked: false }));
  expect(headers()).toEqual(['Name', 'First letter', 'Actions']);

  page.unmount();
  const again = await open('ana');
  expect(headers()).toEqual(['Name', 'First letter', 'Actions']);
  again.unmount();
  await open('ben');
  expect(headers()).toEqual(['Name', 'Size', 'Actions']);
});

it('shows columns as they come when what was kept cannot be read', async () => {
  localStorage.setItem('vox_columns_words_ana', '{"size":');
  await open('ana');
  expect(headers()).toEqual(['Name', 'Size', 'Actions']);
});
