import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { expect, it, vi } from 'vitest';

import { renderPage } from '@/test/render';
import { api, pageOf, refusal, server } from '@/test/server';

import { CallList } from './call-list';

const CALL = {
  session_id: 's-1',
  bot_id: 'demo',
  bot_name: 'Front desk',
  status: 'completed',
  call_type: 'bot',
  call_direction: 'incoming',
  transport: 'ws',
  caller_id: '+15550100',
  from_number: '+15550199',
  stream_id: 'st-1',
  created_at: '2026-11-28T05:25:23.137Z',
  call_duration_seconds: 41.7,
};
const show = (search = {}, onSearch = vi.fn()) => {
  renderPage(<CallList search={search} onSearch={onSearch} bots={[]} />);
  return onSearch;
};

it('shows calls with what people look for', async () => {
  server.use(http.get(api('/calls'), () => HttpResponse.json(pageOf([CALL]))));
  show();
  expect(await screen.findByRole('link', { name: '+1 555 0100' })).toBeInTheDocument();
  expect(screen.getByText('Completed', { selector: 'span' })).toBeInTheDocument();
  expect(screen.getByText('0:42')).toBeInTheDocument();
});

it('asks for the calls of one campaign, names it in its column, and one that it does not know by its id', async () => {
  const asked: (string | null)[] = [];
  server.use(
    http.get(api('/calls'), ({ request }) => {
      asked.push(new URL(request.url).searchParams.get('campaign_id'));
      const calls = ['spring', '0123456789abcdef01234567', null].map((campaign_id, at) => ({
        ...CALL,
        session_id: `s-${at}`,
        campaign_id,
      }));
      return HttpResponse.json(pageOf(calls));
    }),
  );
  localStorage.setItem('vox_columns_calls_', '{"campaign":true}');
  const campaigns = [{ id: 'spring', name: 'Spring reminders' }];
  const onSearch = vi.fn();
  renderPage(<CallList search={{ campaign_id: 'spring' }} onSearch={onSearch} bots={[]} campaigns={campaigns} />);
  expect(await screen.findByRole('cell', { name: 'Spring reminders' })).toBeVisible();
  expect(screen.getByRole('cell', { name: '01234567' })).toBeVisible();
  expect(new Set(asked)).toEqual(new Set(['spring']));
  const choice = screen.getByRole('combobox', { name: 'Campaign' });
  expect(choice).toHaveDisplayValue('Spring reminders');
  await userEvent.selectOptions(choice, 'All campaigns');
  expect(onSearch).toHaveBeenCalledWith({ campaign_id: undefined, cursor: undefined });
});

it('shows the campaign that a link names, also when it is not among the latest', async () => {
  server.use(http.get(api('/calls'), () => HttpResponse.json(pageOf([]))));
  show({ campaign_id: '0123456789abcdef01234567' });
  expect(await screen.findByRole('combobox', { name: 'Campaign' })).toHaveDisplayValue('01234567');
});

it('says what the list is while it is empty, and offers to clear filters when they are the cause (U1)', async () => {
  server.use(http.get(api('/calls'), () => HttpResponse.json(pageOf([]))));
  show();
  expect(await screen.findByRole('heading', { name: 'No calls yet' })).toBeInTheDocument();
});

it('clears filters that fit no call', async () => {
  server.use(http.get(api('/calls'), () => HttpResponse.json(pageOf([]))));
  const onSearch = show({ status: 'failed' });
  await userEvent.click(await screen.findByRole('button', { name: 'Clear filters' }));
  expect(onSearch).toHaveBeenCalledWith({});
});

it('says why it failed, with the request id, and tries again (U1)', async () => {
  let tries = 0;
  server.use(
    http.get(api('/calls'), () => {
      tries += 1;
      // The list and its watch for new calls ask at once; both are refused first.
      return tries <= 2
        ? refusal(503, 'store_unavailable', 'The database is away.')
        : HttpResponse.json(pageOf([CALL]));
    }),
  );
  show();
  expect(await screen.findByRole('alert')).toHaveTextContent('The database is away.');
  expect(screen.getByRole('alert')).toHaveTextContent('req-1234');
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await screen.findByRole('link', { name: '+1 555 0100' })).toBeInTheDocument();
});
