import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import axe from 'axe-core';
import { http, HttpResponse } from 'msw';
import { expect, it, vi } from 'vitest';

import type { User } from '@/generated';
import { renderPage } from '@/test/render';
import { api, pageOf, server } from '@/test/server';

import { readSearch, type UsersSearch } from '../lib/search';
import { UsersPage } from './users';

const ANA: User = {
  user_id: 'u-1',
  name: 'Ana',
  email: 'ana@example.com',
  role: 'super_admin',
  is_active: true,
  agent_languages: ['en'],
  agent_primary_language: 'en',
  last_login_at: null,
  created_at: '2026-11-01T08:00:00.000Z',
  updated_at: '2026-11-01T08:00:00.000Z',
};
const BEN: User = { ...ANA, user_id: 'u-2', name: 'Ben', email: 'ben@example.com', role: 'agent', agent_languages: ['hi', 'en'] }; // prettier-ignore

function show(search: UsersSearch = {}, total = 2) {
  const asked: string[] = [];
  server.use(
    http.get(api('/users'), ({ request }) => {
      asked.push(new URL(request.url).search);
      return HttpResponse.json({ ...pageOf([ANA, BEN]), total });
    }),
  );
  const onSearch = vi.fn();
  renderPage(<UsersPage me={ANA} search={search} onSearch={onSearch} />);
  return { asked, onSearch };
}

it('shows people by name, each with what the own rank may do', async () => {
  const { asked } = show();
  expect(await screen.findByRole('columnheader', { name: 'Name' })).toHaveAttribute('aria-sort', 'ascending');
  expect(asked).toEqual(['?limit=50&page=1&sort=name']);
  expect(within(screen.getByRole('row', { name: /ben@example.com/ })).getByText('Never')).toBeInTheDocument();
  expect(screen.queryByRole('button', { name: 'Actions for Ana' })).not.toBeInTheDocument();
  expect(screen.getByRole('button', { name: 'Actions for Ben' })).toBeInTheDocument();
  expect((await axe.run(document.body, { rules: { region: { enabled: false } } })).violations).toEqual([]);
});

it('opens who may be changed by a press on the name', async () => {
  show();
  await userEvent.click(await screen.findByRole('button', { name: 'Ben' }));
  expect(screen.getByRole('dialog', { name: 'Edit Ben' })).toBeInTheDocument();
  expect(screen.queryByRole('button', { name: 'Ana', hidden: true })).not.toBeInTheDocument();
});

it('asks for order, page and words of the address; another order begins with the first page', async () => {
  const { asked, onSearch } = show({ q: 'e', sort: '-email', page: 2 }, 137);
  expect(await screen.findByRole('columnheader', { name: 'Email' })).toHaveAttribute('aria-sort', 'descending');
  expect(asked).toEqual(['?limit=50&page=2&sort=-email&q=e']);
  expect(screen.getByText('137 users · page 2 of 3')).toBeInTheDocument();
  await userEvent.click(screen.getByRole('button', { name: 'Next page' }));
  expect(onSearch).toHaveBeenLastCalledWith({ q: 'e', sort: '-email', page: 3 });
  await userEvent.click(screen.getByRole('button', { name: 'Added' }));
  expect(onSearch).toHaveBeenLastCalledWith({ q: 'e', sort: '-created_at' });
});

it('shows languages of those at the agent desk to whoever chooses the column', async () => {
  show();
  await userEvent.click(await screen.findByRole('button', { name: 'Columns' }));
  await userEvent.click(screen.getByRole('menuitemcheckbox', { name: 'Languages' }));
  await userEvent.keyboard('{Escape}');
  expect(screen.getByRole('cell', { name: 'hi, en' })).toBeInTheDocument();
});

it('reads an address, and drops what does not fit', () => {
  expect(readSearch({ q: 7, sort: 'password', page: '0' })).toEqual({ q: '7' });
});
