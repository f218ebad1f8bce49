import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import axe from 'axe-core';
import { http, HttpResponse } from 'msw';
import { expect, it, vi } from 'vitest';

import type { Campaign } from '@/generated';
import { renderPage } from '@/test/render';
import { api, pageOf, refusal, server } from '@/test/server';

import { CAMPAIGN, CONTACT } from '../test/records';
import { CampaignPage } from './campaign';

const show = (campaign: Partial<Campaign> = {}, search = {}) => {
  server.use(http.get(api('/campaigns/c-1'), () => HttpResponse.json({ ...CAMPAIGN, ...campaign })));
  const on = { onSearch: vi.fn(), onOpen: vi.fn(), onEdit: vi.fn() };
  return { ...on, ...renderPage(<CampaignPage id="c-1" search={search} {...on} />) };
};

it('says in words what the dialler does, with tiles, passes and the reason of the rate', async () => {
  const { container } = show();
  expect(await screen.findByText('Dialling', { selector: '[role=status]' })).toBeInTheDocument();
  expect(screen.getByText('5 of 10')).toBeInTheDocument();
  expect(within(screen.getByRole('table', { name: 'Passes of this run' })).getByText('40 of 100')).toBeInTheDocument();
  expect(screen.getByText(/It may use 9 seats now/)).toBeInTheDocument();
  expect((await axe.run(container, { rules: { region: { enabled: false } } })).violations).toEqual([]);
});

it('names what blocks the campaign, what happens next, and the attempts that show it', async () => {
  const evidence = [
    {
      attempt_id: 'attempt-1',
      at: '2026-11-28T09:01:00.000Z',
      code: 'auth_failed',
      message: 'The carrier refused the account.',
    },
  ];
  show({ live: { state: 'blocked', blocked: { reason: 'carrier_breaker', key: 'carrier:x', since: null, evidence } } });
  expect(await screen.findByText('Blocked: the carrier failed too often')).toBeInTheDocument();
  expect(screen.getByText('The carrier refused the account.')).toBeInTheDocument();
  expect(screen.getByText(/one call to find out whether the carrier works again/)).toBeInTheDocument();
});

it('says before a stop how many contacts it ends and how many calls go on', async () => {
  const stopped = vi.fn();
  show();
  server.use(
    http.post(api('/campaigns/c-1/stop'), () => {
      stopped();
      return HttpResponse.json({ ...CAMPAIGN, status: 'completed' });
    }),
  );
  await userEvent.click(await screen.findByRole('button', { name: 'Stop' }));
  const dialog = screen.getByRole('dialog', { name: 'Stop Autumn reminders?' });
  expect(dialog).toHaveTextContent('62 waiting contacts become manual_stopped');
  expect(dialog).toHaveTextContent('8 live calls go on');
  expect(stopped).not.toHaveBeenCalled();
  await userEvent.click(within(dialog).getByRole('button', { name: 'Stop' }));
  expect(await screen.findByText('Autumn reminders is stopped')).toBeInTheDocument();
  expect(stopped).toHaveBeenCalledOnce();
});

it('links what prevents a start to the place where it is put right', async () => {
  show({ status: 'draft', started_at: null });
  server.use(
    http.post(api('/campaigns/c-1/start'), () =>
      refusal(409, 'cannot_start', 'The campaign cannot start: its bot is switched off; switch it on.', {
        reasons: ['bot_inactive', 'no_contacts'],
      }),
    ),
  );
  await userEvent.click(await screen.findByRole('button', { name: 'Start' }));
  const dialog = screen.getByRole('dialog', { name: 'Start Autumn reminders?' });
  await userEvent.click(within(dialog).getByRole('button', { name: 'Start' }));
  expect(await within(dialog).findByRole('alert')).toHaveTextContent('its bot is switched off');
  expect(within(dialog).getByRole('link', { name: 'Open the bot' })).toHaveAttribute('href', '/dashboard/bots/demo');
  expect(within(dialog).getByRole('link', { name: 'Add contacts' })).toBeInTheDocument();
});

it('opens the copy after a clone, without asking', async () => {
  const { onOpen } = show();
  server.use(
    http.post(api('/campaigns/c-1/clone'), () =>
      HttpResponse.json({ ...CAMPAIGN, campaign_id: 'c-2' }, { status: 201 }),
    ),
  );
  await userEvent.click(await screen.findByRole('button', { name: 'Clone' }));
  await vi.waitFor(() => {
    expect(onOpen).toHaveBeenCalledWith('c-2');
  });
});

it('says that a campaign is gone', async () => {
  server.use(http.get(api('/campaigns/c-1'), () => refusal(404, 'campaign_not_found', 'There is no such campaign.')));
  renderPage(<CampaignPage id="c-1" search={{}} onSearch={vi.fn()} onOpen={vi.fn()} onEdit={vi.fn()} />);
  expect(await screen.findByRole('heading', { name: 'This campaign does not exist' })).toBeInTheDocument();
});

it('shows a contact with its variables and its attempts, each with its call', async () => {
  const attempt = {
    attempt_id: 'a-1', campaign_id: 'c-1', campaign_call_id: 'row-1', run_number: 1, attempt_no: 1, kind: 'initial',
    phone_number: '+15550100', from_number: '+15550199', carrier_id: 'k', session_id: 's-1', outcome: 'customer',
    dialled_at: '2026-11-28T09:01:00.000Z', answered_at: '2026-11-28T09:01:09.000Z', ring_seconds: 9, talk_seconds: 41,
  }; // prettier-ignore
  show({}, { tab: 'contacts' });
  server.use(
    http.get(api('/campaigns/c-1/calls'), () => HttpResponse.json(pageOf([CONTACT]))),
    http.get(api('/campaigns/c-1/calls/row-1/attempts'), () => HttpResponse.json(pageOf([attempt]))),
  );
  await userEvent.click(await screen.findByRole('button', { name: '+1 555 0100' }));
  const drawer = screen.getByRole('dialog', { name: '+1 555 0100' });
  expect(within(drawer).getByText('Ana')).toBeInTheDocument();
  expect(await within(drawer).findByRole('link', { name: 'Open call' })).toHaveAttribute(
    'href',
    '/dashboard/calls/s-1',
  );
});

it('asks for contacts by the filters of the address', async () => {
  const asked: string[] = [];
  show({}, { tab: 'contacts', status: 'exhausted', callback: 'pending' });
  server.use(
    http.get(api('/campaigns/c-1/calls'), ({ request }) => {
      asked.push(new URL(request.url).search);
      return HttpResponse.json(pageOf([]));
    }),
  );
  expect(await screen.findByRole('heading', { name: 'No contact fits these filters' })).toBeInTheDocument();
  expect(asked[0]).toContain('status=exhausted');
  expect(asked[0]).toContain('callback=pending');
});

it('says where contacts come from while there is none', async () => {
  server.use(http.get(api('/campaigns/c-1/calls'), () => HttpResponse.json(pageOf([]))));
  show({}, { tab: 'contacts' });
  expect(await screen.findByRole('heading', { name: 'No contacts yet' })).toBeInTheDocument();
});
