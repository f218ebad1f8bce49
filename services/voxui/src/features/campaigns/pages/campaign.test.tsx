import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import axe from 'axe-core';
import { http, HttpResponse } from 'msw';
import { describe, expect, it, vi } from 'vitest';

import type { Campaign } from '@/generated';
import { renderPage } from '@/test/render';
import { api, pageOf, refusal, server } from '@/test/server';

import { CAMPAIGN, CONTACT } from '../test/records';
import { CampaignPage } from './campaign';

const show = (campaign: Partial<Campaign> = {}, search = {}) => {
  server.use(http.get(api('/campaigns/c-1'), () => HttpResponse.json({ ...CAMPAIGN, ...campaign })));
  return render(search);
};

const render = (search = {}) => {
  const on = { onSearch: vi.fn(), onOpen: vi.fn(), onEdit: vi.fn() };
  const page = (
    <CampaignPage id="c-1" search={search} variables={['name']} people={[{ user_id: 'u-1', name: 'Ana' }]} {...on} />
  );
  return { ...on, ...renderPage(page) };
};

it('says in words what the dialler does, with tiles, passes and the reason of the rate', async () => {
  const { container } = show();
  expect(await screen.findByText('Dialling', { selector: 'p' })).toBeInTheDocument();
  expect(screen.getByText('Dialling', { selector: '[role=status]' })).toBeInTheDocument();
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
  expect(await screen.findByText('Blocked: the carrier failed too often', { selector: 'p' })).toBeInTheDocument();
  expect(screen.getByText('The carrier refused the account.')).toBeInTheDocument();
  expect(screen.getByText(/one call to find out whether the carrier works again/)).toBeInTheDocument();
});

it('does not show the last words of a dead dialler as what goes on', async () => {
  const blocked = { reason: 'no_capacity', key: null, since: null, evidence: [] };
  show({ live: { state: 'dialler_away', updated_at: '2026-11-28T08:12:00Z', blocked } });
  expect(await screen.findByText(/^No sign of life from the dialler since/, { selector: 'p' })).toBeInTheDocument();
  expect(screen.getByText(/^Nobody is dialled now; calls under way go on/)).toBeInTheDocument();
  expect(screen.queryByText(/as soon as a call ends/)).toBeNull();
});

it('says before a stop how many contacts it ends and how many calls go on (U4)', async () => {
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
  render();
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

it('goes on when no contact of a page fits, as later ones may', async () => {
  const { onSearch } = show({}, { tab: 'contacts', range: 'today' });
  server.use(
    http.get(api('/campaigns/c-1/calls'), () => HttpResponse.json({ ...pageOf([]), total: null, next: 'c-2' })),
  );
  expect(await screen.findByText(/No contact of this page fits/)).toBeInTheDocument();
  await userEvent.click(screen.getByRole('button', { name: 'Next page' }));
  expect(onSearch).toHaveBeenLastCalledWith({ tab: 'contacts', range: 'today', cursor: 'c-2' });
});

it('sorts contacts by their last try at its header, and back to the order of the file', async () => {
  const asked: string[] = [];
  const { onSearch } = show({}, { tab: 'contacts', sort: '-last_attempt_at', cursor: 'c' });
  server.use(
    http.get(api('/campaigns/c-1/calls'), ({ request }) => {
      asked.push(new URL(request.url).search);
      return HttpResponse.json(pageOf([CONTACT]));
    }),
  );
  expect(await screen.findByRole('columnheader', { name: 'Last try' })).toHaveAttribute('aria-sort', 'descending');
  expect(asked[0]).toContain('sort=-last_attempt_at');
  await userEvent.click(screen.getByRole('button', { name: 'Last try' }));
  expect(onSearch).toHaveBeenLastCalledWith({ tab: 'contacts' });
});

it('says where contacts come from while there is none', async () => {
  server.use(http.get(api('/campaigns/c-1/calls'), () => HttpResponse.json(pageOf([]))));
  show({}, { tab: 'contacts' });
  expect(await screen.findByRole('heading', { name: 'No contacts yet' })).toBeInTheDocument();
});

describe('the tab for programs', () => {
  const EXCLUDED = { phone_number: '+15550100', reason: 'paid already', by: 'u-1', at: '2026-11-28T09:01:00.000Z' };
  const excluded = (...items: object[]) =>
    server.use(http.get(api('/campaigns/c-1/exclude'), () => HttpResponse.json(pageOf(items))));

  it('holds programs that add people with the bot’s own variables, and take them out', async () => {
    excluded();
    show({}, { tab: 'integration' });
    const adding = await screen.findByRole('tablist', { name: 'Language of “Add contacts from a program”' });
    await userEvent.click(within(adding).getByRole('tab', { name: 'Python' }));
    const program = screen.getByLabelText('program in Python');
    expect(program).toHaveTextContent('/api/v1/campaigns/c-1/contacts');
    expect(program).toHaveTextContent('"name": "…"');
    expect(screen.getByText(/campaigns\/c-1\/exclude/)).toBeInTheDocument();
    expect(await screen.findByRole('heading', { name: 'Nobody is excluded' })).toBeInTheDocument();
  });

  it('shows who is excluded, by whom and why, and takes a number off the list', async () => {
    excluded(EXCLUDED);
    let removed = '';
    server.use(
      http.delete(api('/campaigns/c-1/exclude/:number'), ({ params }) => {
        removed = String(params.number);
        return new HttpResponse(null, { status: 204 });
      }),
    );
    const { container } = show({}, { tab: 'integration' });
    const row = await screen.findByRole('row', { name: /\+1 555 0100/ });
    expect(row).toHaveTextContent('paid already');
    expect(row).toHaveTextContent('Ana');
    expect((await axe.run(container, { rules: { region: { enabled: false } } })).violations).toEqual([]);
    await userEvent.click(within(row).getByRole('button', { name: 'Remove +1 555 0100' }));
    const dialog = screen.getByRole('dialog', { name: 'Take +1 555 0100 off the list?' });
    expect(dialog).toHaveTextContent('This revives nothing');
    await userEvent.click(within(dialog).getByRole('button', { name: 'Remove' }));
    expect(await screen.findByText('+1 555 0100 may be added again')).toBeInTheDocument();
    expect(removed).toBe('+15550100');
  });

  it('says what came of numbers that were excluded, and keeps a typing error in sight', async () => {
    excluded();
    let sent: unknown;
    server.use(
      http.post(api('/campaigns/c-1/exclude'), async ({ request }) => {
        sent = await request.json();
        return HttpResponse.json({ excluded: 2, in_flight: 1, already_terminal: 0, not_found: 0, invalid: 1 });
      }),
    );
    show({}, { tab: 'integration' });
    await userEvent.click(await screen.findByRole('button', { name: 'Exclude numbers' }));
    const dialog = screen.getByRole('dialog', { name: 'Exclude numbers' });
    expect(within(dialog).queryByLabelText(/Until the end of/)).not.toBeInTheDocument();
    await userEvent.type(within(dialog).getByLabelText('Phone numbers'), '+15550100, +15550101, +15550102, none');
    await userEvent.type(within(dialog).getByLabelText(/Reason/), 'paid already');
    await userEvent.click(within(dialog).getByRole('button', { name: 'Exclude' }));
    expect(await within(dialog).findByText(/2 waiting contacts excluded, 1 in a call now/)).toHaveTextContent(
      '1 entry is no phone number',
    );
    expect(sent).toEqual({ phone_numbers: ['+15550100', '+15550101', '+15550102', 'none'], reason: 'paid already' });
  });

  it('says why the list of the excluded could not be loaded', async () => {
    server.use(
      http.get(api('/campaigns/c-1/exclude'), () => refusal(503, 'store_unavailable', 'The database is away.')),
    );
    show({}, { tab: 'integration' });
    expect(await screen.findByRole('alert')).toHaveTextContent('The database is away.');
  });
});
