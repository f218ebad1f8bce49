import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { expect, it, vi } from 'vitest';

import type { OutboxJob } from '@/generated';
import { renderPage } from '@/test/render';
import { api, pageOf, server } from '@/test/server';

import { readSearch, type OutboxSearch } from '../lib/outbox';
import { Delivery } from './delivery';

const DEAD: OutboxJob = {
  id: 'recording_delete:s-1',
  kind: 'recording_delete',
  key: 's-1',
  status: 'dead',
  attempts: 50,
  next_attempt_at: '2026-11-28T10:15:00.000Z',
  lease_expires_at: null,
  last_error: 'store away',
  created_at: '2026-11-28T09:15:00.000Z',
  done_at: null,
};

function show(search: OutboxSearch, ...jobs: OutboxJob[]) {
  const asked: string[] = [];
  server.use(
    http.get(api('/outbox'), ({ request }) => {
      asked.push(new URL(request.url).search);
      return HttpResponse.json({ ...pageOf(jobs), next: jobs.length > 0 ? 'c-2' : null });
    }),
  );
  const onSearch = vi.fn();
  renderPage(<Delivery search={search} onSearch={onSearch} />);
  return { asked, onSearch };
}

it('offers to retry what was given up; what waits is tried by itself', async () => {
  show({}, DEAD, { ...DEAD, id: 'crm_push:s-2', kind: 'crm_push', key: 's-2', status: 'pending', attempts: 1 });
  let retried = '';
  server.use(
    http.post(api('/outbox/:id/retry'), ({ params }) => {
      retried = String(params.id);
      return HttpResponse.json({ ...DEAD, status: 'pending' });
    }),
  );
  const waiting = await screen.findByRole('row', { name: /Crm push/ });
  expect(waiting).toHaveTextContent('Waiting');
  expect(within(waiting).queryByRole('button', { name: 'Retry' })).not.toBeInTheDocument();
  await userEvent.click(
    within(screen.getByRole('row', { name: /Recording delete/ })).getByRole('button', { name: 'Retry' }),
  );
  expect(await screen.findByText('It is tried again now')).toBeInTheDocument();
  expect(retried).toBe('recording_delete:s-1');
});

it('asks for state, order and page of the address', async () => {
  const { asked, onSearch } = show({ status: 'dead', sort: 'next_attempt_at', cursor: 'c-1' }, DEAD);
  expect(await screen.findByRole('columnheader', { name: 'Next try' })).toHaveAttribute('aria-sort', 'ascending');
  expect(asked).toEqual(['?limit=50&status=dead&sort=next_attempt_at&cursor=c-1']);
  await userEvent.click(screen.getByRole('button', { name: 'Next page' }));
  expect(onSearch).toHaveBeenLastCalledWith({ status: 'dead', sort: 'next_attempt_at', cursor: 'c-2' });
  await userEvent.selectOptions(screen.getByRole('combobox', { name: 'State' }), 'Waiting');
  expect(onSearch).toHaveBeenLastCalledWith({ status: 'pending', sort: 'next_attempt_at' });
});

it('tells an empty list from one whose filter fits nothing', async () => {
  const { onSearch } = show({ status: 'dead' });
  await userEvent.click(await screen.findByRole('button', { name: 'Clear filters' }));
  expect(onSearch).toHaveBeenLastCalledWith({});
});

it('reads an address, and drops what does not fit', () => {
  expect(readSearch({ status: 'lost', sort: '-next_attempt_at', cursor: '' })).toEqual({});
});
