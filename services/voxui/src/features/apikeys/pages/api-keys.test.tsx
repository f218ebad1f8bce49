import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import axe from 'axe-core';
import { http, HttpResponse } from 'msw';
import { expect, it, vi } from 'vitest';

import type { ApiKey } from '@/generated';
import { renderPage } from '@/test/render';
import { api, pageOf, server } from '@/test/server';

import { readSearch, type KeysSearch } from '../lib/search';
import { ApiKeysPage } from './api-keys';

const KEY: ApiKey = {
  key_id: 'k-1',
  name: 'CRM',
  key_prefix: 'vx_Ab3d',
  bot_ids: [],
  is_active: true,
  status: 'active',
  expires_at: null,
  last_used_at: null,
  created_by: 'u-1',
  created_at: '2026-11-01T08:00:00.000Z',
  updated_at: '2026-11-01T08:00:00.000Z',
};
const BOTS = [
  { bot_id: 'demo', name: 'Demo' },
  { bot_id: 'desk', name: 'Front desk' },
];

function show(search: KeysSearch = {}, total = 1) {
  const asked: string[] = [];
  server.use(
    http.get(api('/api-keys'), ({ request }) => {
      asked.push(new URL(request.url).search);
      return HttpResponse.json({ ...pageOf([KEY]), total });
    }),
  );
  const onSearch = vi.fn();
  const people = [{ user_id: 'u-1', name: 'Ana' }];
  renderPage(<ApiKeysPage search={search} onSearch={onSearch} bots={BOTS} people={people} />);
  return { asked, onSearch };
}

it('says who made a key', async () => {
  show();
  expect(await screen.findByRole('cell', { name: 'Ana' })).toBeInTheDocument();
  expect(screen.getByRole('columnheader', { name: 'Made' })).toHaveAttribute('aria-sort', 'descending');
});

it('opens a key by a press on its name', async () => {
  show();
  await userEvent.click(await screen.findByRole('button', { name: 'CRM' }));
  expect(screen.getByRole('dialog', { name: 'Edit CRM' })).toBeInTheDocument();
});

it('asks for order and page of the address; another order begins with the first page', async () => {
  const { asked, onSearch } = show({ sort: 'name', page: 2 }, 60);
  expect(await screen.findByRole('columnheader', { name: 'Name' })).toHaveAttribute('aria-sort', 'ascending');
  expect(asked).toEqual(['?limit=50&page=2&sort=name']);
  await userEvent.click(screen.getByRole('button', { name: 'Previous page' }));
  expect(onSearch).toHaveBeenLastCalledWith({ sort: 'name' });
  await userEvent.click(screen.getByRole('button', { name: 'Last used' }));
  expect(onSearch).toHaveBeenLastCalledWith({ sort: '-last_used_at' });
});

it('shows a new key once, with a program that calls with a bot that it opens', async () => {
  show();
  server.use(
    http.post(api('/api-keys'), async ({ request }) => {
      const body = (await request.json()) as { bot_ids: string[] };
      return HttpResponse.json({ ...KEY, ...body, api_key: 'vx_whole' }, { status: 201 });
    }),
  );
  await userEvent.click(await screen.findByRole('button', { name: 'Create key' }));
  await userEvent.type(screen.getByLabelText('Name'), 'Shop');
  await userEvent.click(screen.getByRole('checkbox', { name: 'Front desk' }));
  await userEvent.click(within(screen.getByRole('dialog')).getByRole('button', { name: 'Create key' }));
  const shown = await screen.findByRole('dialog', { name: 'Your new key' });
  expect(shown).toHaveTextContent('vx_whole');
  const program = within(shown).getByLabelText('program in curl');
  expect(program).toHaveTextContent('/api/v1/sip/dialout');
  expect(program).toHaveTextContent('"bot_id": "desk"');
  expect(program).not.toHaveTextContent('vx_whole');
  expect((await axe.run(shown)).violations).toEqual([]);
  await userEvent.click(within(shown).getByRole('button', { name: 'I have stored it' }));
  expect(screen.queryByText('vx_whole')).not.toBeInTheDocument();
});

it('reads an address, and drops what does not fit', () => {
  expect(readSearch({ sort: 'key_hash', page: 'x' })).toEqual({});
});
