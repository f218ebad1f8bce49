import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { expect, it } from 'vitest';

import type { SeatView } from '@/generated';
import { renderPage } from '@/test/render';
import { api, pageOf, refusal, server } from '@/test/server';

import { FleetPage } from './fleet';

const seat = (worker_id: string, more: Partial<SeatView> = {}): SeatView => ({
  worker_id, host_id: 'fleet1', state: 'idle', phase: 'idle', draining: false, image_tag: 'v1', age_ms: 400, since_ms: Date.now() - 65_000,
  epoch: 3, outbox_pending: 0, ...more,
}); // prettier-ignore

const NAMES = { bots: { demo: 'Front desk' }, campaigns: {} };

const FLEET = {
  pool: 'default', generation: 'g', status: 'ok', seats: 4, free: 1, idle: 1, reserved: 1, busy: 1, wrapping: 0, starting: 0,
  draining: 1, lost: 0, waiting: 2, waiting_by: { inbound: 2 }, longest_wait_ms: 3_000, refusals: { at_capacity: 5 }, hosts: [],
}; // prettier-ignore
const STATUS = {
  total_capacity: 4,
  active_calls: 1,
  available: 1,
  source: 'registry',
  workers: [],
  fleet: FLEET,
  seats: [
    seat('w1'),
    seat('w2', {
      state: 'busy',
      phase: 'busy',
      session_id: '0d7cbe38-5f6f-4d6a-9d2c-1d1a0f6a9f11',
      bot_id: 'demo',
      campaign: 'c1',
    }),
    seat('w3', { state: 'reserved', phase: 'reserved', image_tag: 'v2' }),
    seat('w4', { state: 'draining', phase: 'idle', draining: true }),
  ],
};
const DRAIN = {
  selector: 'worker:w4', reason: 'new image', by: 'ada@example.com', since_ms: Date.now() - 600_000, seats: 1, drained: 1, busy: 0,
  free_of_calls: 1, oldest_call_ms: null, eta_ms: null, pool: 'default',
}; // prettier-ignore
const QUOTA = {
  client: 'default',
  max: 4,
  min: 1,
  weight: 2,
  used: 1,
  campaigns: { c1: { max: 2, min: 0, used: 1 } },
  pool: 'default',
};

function answer(drains: object[] = [DRAIN], quotas: object = { items: [QUOTA], overcommitted: false }) {
  server.use(
    http.get(api('/fleet/status'), () => HttpResponse.json(STATUS)),
    http.get(api('/fleet/drains'), () => HttpResponse.json(pageOf(drains))),
    http.get(api('/fleet/quotas'), () => HttpResponse.json(quotas)),
  );
}

it('shows what a seat does when it is pointed at, and leads to its call, its bot and its campaign (F1)', async () => {
  answer();
  renderPage(<FleetPage names={NAMES} mayChange />);
  await userEvent.click(await screen.findByRole('button', { name: 'w2: On a call' }));
  expect(screen.getByRole('link', { name: '0d7cbe38' })).toHaveAttribute(
    'href',
    '/dashboard/calls/0d7cbe38-5f6f-4d6a-9d2c-1d1a0f6a9f11',
  );
  expect(screen.getByText(/^1:\d\d$/)).toBeInTheDocument();
  expect(screen.getByRole('link', { name: 'Front desk' })).toHaveAttribute('href', '/dashboard/bots/demo');
  expect(screen.getByRole('link', { name: 'c1' })).toHaveAttribute('href', '/dashboard/campaigns/c1');
  await userEvent.click(screen.getByRole('button', { name: 'w2: On a call' }));
  await userEvent.hover(screen.getByRole('button', { name: 'w1: Free' }));
  for (const name of ['Call', 'Bot', 'Campaign']) expect(screen.queryByText(name)).not.toBeInTheDocument();
});

it('walks over the seats with the arrow keys; the tab key reaches the map once (A2)', async () => {
  answer();
  renderPage(<FleetPage names={NAMES} mayChange={false} />);
  (await screen.findByRole('button', { name: 'w1: Free' })).focus();
  await userEvent.keyboard('{ArrowRight}');
  expect(screen.getByRole('button', { name: 'w2: On a call' })).toHaveFocus();
  await userEvent.keyboard('{End}');
  expect(screen.getByRole('button', { name: 'w4: Free, draining' })).toHaveFocus();
  const map = screen.getByRole('toolbar', { name: 'Seats by host' });
  expect(
    within(map)
      .getAllByRole('button')
      .filter((one) => one.tabIndex === 0),
  ).toHaveLength(1);
});

it('drains a host after it said how many calls go on, and sends the reason (F4, U4)', async () => {
  answer();
  let sent: unknown;
  server.use(
    http.post(api('/fleet/drain'), async ({ request }) => {
      sent = await request.json();
      return HttpResponse.json({ selector: 'host:fleet1', seats: 4 });
    }),
  );
  renderPage(<FleetPage names={NAMES} mayChange />);
  await userEvent.click(await screen.findByRole('button', { name: 'Drain host fleet1' }));
  const dialog = screen.getByRole('dialog', { name: 'Drain host fleet1?' });
  expect(dialog).toHaveTextContent('4 seats get no new call from now on. 1 live call goes on until it ends by itself.');
  expect(dialog).toHaveTextContent('1 call that was promised a seat still gets it.');
  await userEvent.type(within(dialog).getByRole('textbox'), 'new image');
  await userEvent.click(within(dialog).getByRole('button', { name: 'Drain' }));
  expect(await screen.findByText('4 seats get no new calls')).toBeInTheDocument();
  expect(sent).toEqual({ selector: 'host:fleet1', reason: 'new image' });
});

it('keeps the dialog open with the reason when the registry does not answer', async () => {
  answer();
  server.use(
    http.post(api('/fleet/drain'), () => refusal(503, 'registry_unavailable', 'The registry gives no answer.')),
  );
  renderPage(<FleetPage names={NAMES} mayChange />);
  await userEvent.click(await screen.findByRole('button', { name: 'Drain host fleet1' }));
  await userEvent.click(within(screen.getByRole('dialog')).getByRole('button', { name: 'Drain' }));
  expect(await within(screen.getByRole('dialog')).findByText('The registry gives no answer.')).toBeInTheDocument();
});

it('lists drains with what is left, and lifts one (F4)', async () => {
  answer();
  let sent: unknown;
  server.use(
    http.post(api('/fleet/undrain'), async ({ request }) => {
      sent = await request.json();
      return HttpResponse.json({ selector: 'worker:w4', seats: 1 });
    }),
  );
  renderPage(<FleetPage names={NAMES} mayChange />);
  const row = (await screen.findByText('Seat w4')).closest('tr')!;
  expect(row).toHaveTextContent('new image');
  expect(row).toHaveTextContent('10 min ago');
  expect(row).toHaveTextContent('1 of 1');
  await userEvent.click(within(row).getByRole('button', { name: 'Lift the drain of Seat w4' }));
  await userEvent.click(screen.getByRole('button', { name: 'Lift the drain' }));
  expect(await screen.findByText('The drain is lifted')).toBeInTheDocument();
  expect(sent).toEqual({ selector: 'worker:w4' });
});

it('sends the whole quota, with the limits of its campaigns and without what they use (F5)', async () => {
  answer();
  let sent: unknown;
  server.use(
    http.put(api('/fleet/quotas'), async ({ request }) => {
      sent = await request.json();
      return HttpResponse.json({ items: [QUOTA], overcommitted: false });
    }),
  );
  renderPage(<FleetPage names={NAMES} mayChange />);
  await userEvent.click(await screen.findByRole('button', { name: 'Change the quota of default' }));
  const max = screen.getByRole('textbox', { name: 'At most' });
  await userEvent.clear(max);
  await userEvent.type(max, 'many');
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  expect(screen.getByRole('alert')).toHaveTextContent('whole number');
  await userEvent.clear(max);
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  expect(await screen.findByText('The quota is changed')).toBeInTheDocument();
  expect(sent).toEqual({ client: 'default', max: null, min: 1, weight: 2, campaigns: { c1: { max: 2, min: 0 } } });
});

it('warns when more seats are kept than there are (F5)', async () => {
  answer([], { items: [QUOTA], overcommitted: true });
  renderPage(<FleetPage names={NAMES} mayChange />);
  expect(await screen.findByText(/More seats are kept free/)).toBeInTheDocument();
});

it('shows an admin everything and lets only a super admin change it', async () => {
  answer();
  renderPage(<FleetPage names={NAMES} mayChange={false} />);
  await screen.findByText('Seat w4');
  await screen.findByText('Kept free for it');
  for (const name of [/^Drain …/, /^Drain host/, /Lift/, /Change/])
    expect(screen.queryByRole('button', { name })).not.toBeInTheDocument();
  expect(screen.getByText('5 refused')).toBeInTheDocument();
});

it('says that the fleet could not be loaded, and that no worker is known', async () => {
  server.use(http.get(api('/fleet/status'), () => refusal(500, 'internal_error', 'Something went wrong.')));
  renderPage(<FleetPage names={NAMES} mayChange />);
  expect(await screen.findByText('The fleet could not be loaded')).toBeInTheDocument();
});
