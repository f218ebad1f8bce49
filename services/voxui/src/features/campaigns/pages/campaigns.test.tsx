import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { expect, it, vi } from 'vitest';

import { renderPage } from '@/test/render';
import { api, pageOf, refusal, server } from '@/test/server';

import { CAMPAIGN } from '../test/records';
import { CampaignsPage } from './campaigns';

const show = (search = {}) => {
  const on = { onSearch: vi.fn(), onOpen: vi.fn(), onEdit: vi.fn() };
  renderPage(<CampaignsPage search={search} {...on} />);
  return on;
};
const answer = (items: unknown[]) => {
  server.use(http.get(api('/campaigns'), () => HttpResponse.json(pageOf(items))));
};
const SUMMARY = { ...CAMPAIGN, campaign_mode: 'single_day', always_on: false };

it('shows state, progress and rates of each campaign in words and numbers', async () => {
  answer([SUMMARY]);
  show();
  const row = (await screen.findByRole('link', { name: 'Autumn reminders' })).closest('tr')!;
  expect(within(row).getByText('Running')).toBeInTheDocument();
  expect(within(row).getByText('Dialling')).toBeInTheDocument();
  expect(within(row).getByRole('progressbar')).toHaveAttribute('aria-valuetext', '30 of 100 done, 20 connected');
  expect(within(row).getByText('40 %')).toBeInTheDocument();
  expect(within(row).getByText('1.2 %')).toBeInTheDocument();
});

it('takes rates and shares from the API, and never works them out from counts (G3)', async () => {
  // No count fits any of them.
  const stats = {
    ...SUMMARY.stats,
    processed_share: 0.77,
    attempt_answer_rate: 0.66,
    completion_rate: 0.55,
    abandon_rate: 0.044,
  };
  answer([{ ...SUMMARY, stats }]);
  show();
  const row = (await screen.findByRole('link', { name: 'Autumn reminders' })).closest('tr')!;
  for (const told of ['66 %', '55 %', '4.4 %']) expect(within(row).getByText(told)).toBeInTheDocument();
  expect(within(row).getByText(/77 %/)).toBeInTheDocument();
});

it('names a campaign that is always on', async () => {
  answer([SUMMARY, { ...SUMMARY, campaign_id: 'c-2', name: 'Night desk', always_on: true }]);
  show();
  const row = (await screen.findByRole('link', { name: 'Night desk' })).closest('tr')!;
  expect(within(row).getByText('Always on')).toBeInTheDocument();
  expect(screen.getAllByText('Always on')).toHaveLength(1);
});

it('offers what the state allows, and nothing else', async () => {
  answer([SUMMARY]);
  show();
  await userEvent.click(await screen.findByRole('button', { name: 'Actions for Autumn reminders' }));
  expect(screen.getAllByRole('menuitem').map((item) => item.textContent)).toEqual(['Pause', 'Stop', 'Clone']);
});

it('asks for a state by its chip, and for all of them when it is pressed again', async () => {
  answer([SUMMARY]);
  const { onSearch } = show({ status: 'paused' });
  await userEvent.click(await screen.findByRole('button', { name: 'Failed' }));
  expect(onSearch).toHaveBeenLastCalledWith(expect.objectContaining({ status: 'failed' }));
  await userEvent.click(screen.getByRole('button', { name: 'Paused' }));
  expect(onSearch).toHaveBeenLastCalledWith(expect.objectContaining({ status: undefined }));
});

it('is sorted by its headers, in the order of the address', async () => {
  const asked: (string | null)[] = [];
  server.use(
    http.get(api('/campaigns'), ({ request }) => {
      asked.push(new URL(request.url).searchParams.get('sort'));
      return HttpResponse.json(pageOf([SUMMARY]));
    }),
  );
  const { onSearch } = show({ sort: 'name', page: 2 });
  expect(await screen.findByRole('columnheader', { name: 'Campaign' })).toHaveAttribute('aria-sort', 'ascending');
  expect(asked).toEqual(['name']);
  await userEvent.click(screen.getByRole('button', { name: 'Campaign' }));
  expect(onSearch).toHaveBeenLastCalledWith({ sort: '-name', page: undefined });
});

it('says what campaigns are while there is none', async () => {
  answer([]);
  show();
  expect(await screen.findByRole('heading', { name: 'No campaigns yet' })).toBeInTheDocument();
});

it('clears filters that fit no campaign', async () => {
  answer([]);
  const { onSearch } = show({ status: 'failed' });
  await userEvent.click(await screen.findByRole('button', { name: 'Clear filters' }));
  expect(onSearch).toHaveBeenCalledWith({});
});

it('says why the list failed, and tries again', async () => {
  let tries = 0;
  server.use(
    http.get(api('/campaigns'), () => {
      tries += 1;
      return tries === 1
        ? refusal(503, 'store_unavailable', 'The database is away.')
        : HttpResponse.json(pageOf([SUMMARY]));
    }),
  );
  show();
  expect(await screen.findByRole('alert')).toHaveTextContent('The database is away.');
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await screen.findByRole('link', { name: 'Autumn reminders' })).toBeInTheDocument();
});
