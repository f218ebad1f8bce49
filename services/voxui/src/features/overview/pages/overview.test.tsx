import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { expect, it, vi } from 'vitest';

import { renderPage } from '@/test/render';
import { api, pageOf, refusal, server } from '@/test/server';

import type { OverviewSearch } from '../lib/range';
import '../components/charts'; // loaded now, not in the middle of a test that waits for it
import { OverviewPage } from './overview';

vi.mock('../components/charts', () => ({
  CallsChart: ({ buckets }: { buckets: unknown[] }) => <p>{buckets.length} bars</p>,
  LatencyChart: ({ buckets }: { buckets: unknown[] }) => <p>{buckets.length} points</p>,
}));

const FIGURES = {
  total_calls: 1280, connected_calls: 840, connect_rate: 0.66, failed_calls: 90, voicemail_calls: 110, transferred_calls: 41,
  total_minutes: 1630.5, avg_duration_seconds: 104.2, avg_response_ms: 812, p95_response_ms: 1340,
}; // prettier-ignore
const START = '2026-06-05T09:00:00.000Z';

interface Answers {
  overview?: object;
  calls?: number;
}

function answer({ overview = {}, calls = 12 }: Answers = {}) {
  const json = (path: string, body: object) => http.get(api(path), () => HttpResponse.json(body));
  server.use(
    json('/settings/display', { display_timezone: 'UTC' }),
    json('/calls', pageOf(calls ? [{ session_id: 'x', created_at: START, bot_id: 'b', status: 'completed' }] : [])),
    json('/analytics/overview', {
      ...FIGURES, from: START, to: START, timezone: 'UTC', active_calls: 3, running_campaigns: 1, fleet: null,
      previous: { ...FIGURES, total_calls: 1000, connect_rate: 0.7, avg_response_ms: 1000 }, ...overview,
    }), // prettier-ignore
    json('/analytics/calls-per-hour', {
      timezone: 'UTC', interval: 'hour',
      buckets: [{ start: START, calls, connected: Math.min(8, calls), failed: 0, avg_duration_seconds: 96 }],
    }), // prettier-ignore
    json('/analytics/latency', {
      timezone: 'UTC', interval: 'hour', buckets: [{ start: START, p50_ms: 780, p95_ms: 1290, calls }],
    }), // prettier-ignore
    json('/analytics/dispositions', { items: calls ? [{ disposition: 'Sold', count: 7, share: 0.58 }] : [] }),
    json('/analytics/disconnect-reasons', {
      items: calls ? [{ disconnected_by: 'customer', count: 9, share: 0.75 }] : [],
    }),
  );
}

const quiet = { error: null, isPending: false, refetch: vi.fn() };

function show(search: OverviewSearch = {}) {
  const onSearch = vi.fn();
  renderPage(
    <OverviewPage
      name="Ada"
      search={search}
      onSearch={onSearch}
      fleet={{ ...quiet, data: { total_capacity: 8, active_calls: 3, available: 5, source: 'poll', workers: [] } }}
      running={{ ...quiet, data: [{ id: 'c', name: 'Spring', progress: <span>40 %</span> }] }}
      bots={[{ id: 'b', name: 'Demo' }]}
      campaigns={[{ id: 'c', name: 'Spring' }]}
      demoBot={{ bot_id: 'demo', name: 'Demo' }}
      columns={[{ key: 'id', header: 'Call', role: 'title', cell: (call) => call.session_id }]}
      capacity={null}
      ages={null}
      endedBy={(value) => (value === 'customer' ? 'Customer' : value)}
    />,
  );
  return onSearch;
}

it('shows each figure with its change against the period before, in words', async () => {
  answer();
  show();
  const tile = (await screen.findByText('Connect rate')).parentElement!;
  expect(within(tile).getByText('66 %')).toBeInTheDocument();
  expect(tile).toHaveTextContent('−4 points against the period before');
  expect((await screen.findByText('Calls', { selector: 'dt' })).parentElement).toHaveTextContent('1,280+28 %');
  expect(screen.getByText('Response time', { selector: 'dt' }).parentElement).toHaveTextContent('95 % under 1.34 s');
});

it('says what a chart shows, and gives its figures as a table', async () => {
  answer();
  show();
  expect(await screen.findByText('12 calls. Most of them: 12, 5 Jun, 09:00.')).toBeInTheDocument();
  await userEvent.click(screen.getByRole('button', { name: 'Calls per hour as a table' }));
  const table = screen.getByRole('table', { name: 'Calls per hour' });
  expect(within(table).getByRole('row', { name: /5 Jun, 09:00 12 8 0 1:36/ })).toBeInTheDocument();
  await userEvent.click(screen.getByRole('button', { name: 'Calls per hour as a table' }));
  expect(await screen.findByText('1 bars')).toBeInTheDocument();
});

it('leads from a bar to the calls that it counts', async () => {
  answer();
  show({ range: 'custom', from: '2026-06-01', to: '2026-06-05', bot_id: 'b', campaign_id: 'c' });
  const link = await screen.findByRole('link', { name: 'Sold' });
  const to = new URL(link.getAttribute('href')!, 'http://vox.test');
  expect(to.pathname).toBe('/dashboard/calls');
  expect(Object.fromEntries(to.searchParams)).toEqual({
    range: 'custom',
    from: '2026-06-01',
    to: '2026-06-05',
    bot_id: 'b',
    campaign_id: 'c',
    disposition: 'Sold',
  });
});

it('says that there were no calls in the range, chart by chart', async () => {
  answer({ calls: 0, overview: { total_calls: 0, connect_rate: null, avg_duration_seconds: null } });
  server.use(http.get(api('/calls'), () => HttpResponse.json(pageOf([{ session_id: 'x', created_at: START }]))));
  show();
  expect(await screen.findAllByText('No calls in this range')).toHaveLength(4);
});

it('shows the ways to the first call while there is none', async () => {
  answer({ calls: 0 });
  show();
  expect(await screen.findByRole('heading', { name: 'Make your first call' })).toBeInTheDocument();
  expect(screen.queryByText('Connect rate')).not.toBeInTheDocument();
});

it('keeps the rest when one chart cannot be loaded, and tries it again', async () => {
  answer();
  server.use(http.get(api('/analytics/latency'), () => refusal(500, 'internal_error', 'Something went wrong.')));
  show();
  const problem = await screen.findByText('Response time: could not be loaded');
  expect(await screen.findByText('1 bars')).toBeInTheDocument();
  answer();
  await userEvent.click(within(problem.closest('[role="alert"]')!).getByRole('button', { name: /again|retry/i }));
  expect(await screen.findByText('1 points')).toBeInTheDocument();
});

it('puts the chosen range into the address, and says when a range cannot be', async () => {
  answer();
  const onSearch = show();
  await userEvent.selectOptions(await screen.findByRole('combobox', { name: 'Range' }), 'Last 30 days');
  expect(onSearch).toHaveBeenLastCalledWith({ range: '30d', from: undefined, to: undefined });
});

it('asks for nothing while the last day lies before the first', async () => {
  answer();
  show({ range: 'custom', from: '2026-06-05', to: '2026-06-01' });
  expect(await screen.findByText('The last day lies before the first one.')).toBeInTheDocument();
  expect(screen.queryByText('Connect rate')).not.toBeInTheDocument();
});
