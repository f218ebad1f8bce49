import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import axe from 'axe-core';
import { http, HttpResponse } from 'msw';
import { expect, it, vi } from 'vitest';

import type { AuditEntry } from '@/generated';
import { renderPage } from '@/test/render';
import { api, pageOf as listPage, refusal, server } from '@/test/server';

import { changesOf } from '../lib/changes';
import { pageOf } from '../lib/entity';
import { readSearch, toQuery, type AuditSearch } from '../lib/filters';
import { AuditLogPage } from './audit-log';

const ENTRY: AuditEntry = {
  audit_id: 'a-1',
  at: '2026-06-05T10:15:00.000Z',
  actor_type: 'user',
  actor_id: 'u-1',
  actor_name: 'Ana',
  action: 'carrier.update',
  entity_type: 'carrier',
  entity_id: 'c-1',
  ip: '203.0.113.9',
  request_id: 'a1b2c3d4e5f6',
  changes: { outbound_cps: [1, 5], 'rest.api_key': ['changed', 'changed'], name: ['', 'Desk'] },
};

function show(search: AuditSearch = {}, onSearch = vi.fn()) {
  renderPage(<AuditLogPage search={search} onSearch={onSearch} people={[{ user_id: 'u-1', name: 'Ana' }]} />);
  return onSearch;
}
const logged = (...entries: AuditEntry[]) =>
  server.use(http.get(api('/audit-log'), () => HttpResponse.json(listPage(entries))));

it('opens the changes of a row as old and new, with address, request and a way to the entity', async () => {
  logged(ENTRY);
  show();
  await userEvent.click(await screen.findByRole('button', { name: 'carrier.update' }));
  const dialog = screen.getByRole('dialog', { name: 'carrier.update' });
  expect(within(dialog).getByRole('row', { name: 'outbound_cps 1 5' })).toBeInTheDocument();
  expect(within(dialog).getByRole('row', { name: 'name Nothing Desk' })).toBeInTheDocument();
  expect(dialog).toHaveTextContent('203.0.113.9');
  expect(dialog).toHaveTextContent('a1b2c3d4');
  expect(within(dialog).getByRole('link', { name: 'carrier' })).toHaveAttribute('href', '/dashboard/carriers/c-1');
});

it('has no accessibility findings', async () => {
  logged(ENTRY);
  show();
  await screen.findByRole('table', { name: 'Audit log' });
  const found = await axe.run(document.body, { rules: { region: { enabled: false } } });
  expect(found.violations).toEqual([]);
});

it('says what the log is while it is empty', async () => {
  logged();
  show();
  expect(await screen.findByRole('heading', { name: 'Nothing was changed yet' })).toBeInTheDocument();
});

it('clears filters that fit no entry', async () => {
  logged();
  const onSearch = show({ action: 'bot' });
  await screen.findByRole('heading', { name: 'No entry fits these filters' });
  await userEvent.click(screen.getAllByRole('button', { name: 'Clear filters' })[1]!);
  expect(onSearch).toHaveBeenCalledWith({});
});

it('says why it failed', async () => {
  server.use(http.get(api('/audit-log'), () => refusal(503, 'store_unavailable', 'The database is away.')));
  show();
  expect(await screen.findByRole('alert')).toHaveTextContent('The database is away.');
});

it('is sorted as the address says, from the first page when its order changes', async () => {
  let asked = '';
  server.use(
    http.get(api('/audit-log'), ({ request }) => {
      asked = new URL(request.url).search;
      return HttpResponse.json(listPage([ENTRY]));
    }),
  );
  const onSearch = show({ sort: 'at', cursor: 'c' });
  expect(await screen.findByRole('columnheader', { name: 'When' })).toHaveAttribute('aria-sort', 'ascending');
  expect(asked).toBe('?limit=50&sort=at&cursor=c');
  await userEvent.click(screen.getByRole('button', { name: 'When' }));
  expect(onSearch).toHaveBeenCalledWith({});
});

it('moves the address when an actor is picked, back to the first page', async () => {
  logged(ENTRY);
  const onSearch = show({ cursor: 'c' });
  await screen.findByRole('table', { name: 'Audit log' });
  await userEvent.selectOptions(screen.getByLabelText('Actor'), 'Ana');
  expect(onSearch).toHaveBeenCalledWith({ actor_id: 'u-1' });
});

it('asks for whole days of the display zone', () => {
  expect(toQuery({ from: '2026-11-28', to: '2026-11-28', action: 'dnc.add' }, 'Asia/Kolkata')).toEqual({
    action: 'dnc.add',
    date_from: '2026-11-27T18:30:00.000Z',
    date_to: '2026-11-28T18:29:59.999Z',
  });
});

it('reads an address, and drops what does not fit', () => {
  expect(readSearch({ from: 'yesterday', to: '2026-11-28', action: 'dnc.add', other: 1 })).toEqual({
    to: '2026-11-28',
    action: 'dnc.add',
  });
});

it('shows values as people read them, and knows no page of a newer kind of entity', () => {
  const entry = { ...ENTRY, changes: { a: [null, true], b: [[1], { c: 2 }] }, entity_type: 'moon' };
  expect(changesOf(entry)).toEqual([
    { field: 'a', before: 'Nothing', after: 'Yes' },
    { field: 'b', before: '[\n 1\n]', after: '{\n "c": 2\n}' },
  ]);
  expect(pageOf(entry)).toBeNull();
});
