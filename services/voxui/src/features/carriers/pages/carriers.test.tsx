import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import axe from 'axe-core';
import { http, HttpResponse } from 'msw';
import { describe, expect, it, vi } from 'vitest';

import type { Carrier } from '@/generated';
import { renderPage } from '@/test/render';
import { api, pageOf, refusal, server } from '@/test/server';

import { deserialize, EMPTY, refusalsOf, toCreate, toUpdate } from '../lib/form';
import { CarrierPage } from './carrier';
import { CarrierCreatePage } from './carrier-create';
import { CarriersPage } from './carriers';

const CARRIER: Carrier = {
  carrier_id: 'c-1', name: 'Voxphone', originate: 'websocket_carrier', sip_address: '', transport: 'auto',
  destination_country: '', inbound_auth_mode: 'credentials', auth_username: '', auth_password: '',
  allowed_addresses: [], inbound_auth_username: '', inbound_auth_password: '', inbound_allowed_addresses: [],
  outbound_auth_username: '', outbound_auth_password: '',
  rest: {
    adapter: 'voxphone', base_url: 'http://phone:8050', account_sid: 'voxphone', api_key: '••••••••',
    api_token: 'abcd...wxyz', flow_url: '',
  },
  outbound_cps: 5, outbound_burst: 5, outbound_channels: 50,
  dids: [{
    did_id: 'd-1', number: '+15550199', phone_key: '15550199', label: 'Front', direction: 'both', bot_id: 'desk',
    last_used_at: null,
  }],
  lk_inbound_trunk_id: '', lk_outbound_trunk_id: '', lk_dispatch_rule_id: '', lk_sync_status: 'synced',
  lk_sync_error: '', lk_last_synced_at: null,
  breaker: { state: 'open', opened_at: '2026-06-05T10:15:00.000Z', retry_at: '2026-06-05T10:16:00.000Z', trips: 2 },
  managed_by: null, created_at: '2026-06-05T10:15:00.000Z', updated_at: '2026-06-05T10:15:00.000Z',
}; // prettier-ignore

function showOne(carrier: Carrier = CARRIER, mayChange = true, onDeleted = vi.fn()) {
  server.use(http.get(api('/carriers/:id'), () => HttpResponse.json(carrier)));
  renderPage(
    <CarrierPage
      id={carrier.carrier_id}
      bots={[{ bot_id: 'desk', name: 'Desk' }]}
      mayChange={mayChange}
      onDeleted={onDeleted}
    />,
  );
  return onDeleted;
}

describe('the list', () => {
  it('asks for the order of the address, and for another one from the first page on', async () => {
    let asked = '';
    server.use(
      http.get(api('/carriers'), ({ request }) => {
        asked = new URL(request.url).search;
        return HttpResponse.json({ ...pageOf([CARRIER]), total: 60 });
      }),
    );
    const onSearch = vi.fn();
    renderPage(<CarriersPage search={{ sort: '-name', page: 2 }} onSearch={onSearch} mayChange />);
    expect(await screen.findByRole('columnheader', { name: 'Name' })).toHaveAttribute('aria-sort', 'descending');
    expect(asked).toBe('?limit=50&page=2&sort=-name');
    await userEvent.click(screen.getByRole('button', { name: 'Name' }));
    expect(onSearch).toHaveBeenLastCalledWith({});
  });

  it('shows way, numbers, rate, sync and breaker', async () => {
    server.use(http.get(api('/carriers'), () => HttpResponse.json(pageOf([CARRIER]))));
    renderPage(<CarriersPage search={{}} onSearch={vi.fn()} mayChange />);
    expect(await screen.findByRole('link', { name: 'Voxphone' })).toHaveAttribute('href', '/dashboard/carriers/c-1');
    const row = screen.getByRole('row', { name: /Voxphone/ });
    for (const told of ['Carrier rings, websocket', 'http://phone:8050', '5/s · burst 5 · 50 channels', 'Synced']) {
      expect(row).toHaveTextContent(told);
    }
    expect(row).toHaveTextContent('Open: no calls');
    const found = await axe.run(document.body, { rules: { region: { enabled: false } } });
    expect(found.violations).toEqual([]);
  });

  it('says what carriers are for while there is none, and offers to add one only to those who may', async () => {
    server.use(http.get(api('/carriers'), () => HttpResponse.json(pageOf([]))));
    renderPage(<CarriersPage search={{}} onSearch={vi.fn()} mayChange={false} />);
    expect(await screen.findByRole('heading', { name: 'No carrier yet' })).toBeInTheDocument();
    expect(screen.queryByRole('link', { name: 'Add carrier' })).not.toBeInTheDocument();
  });

  it('says why it failed', async () => {
    server.use(http.get(api('/carriers'), () => refusal(503, 'store_unavailable', 'The database is away.')));
    renderPage(<CarriersPage search={{}} onSearch={vi.fn()} mayChange />);
    expect(await screen.findByRole('alert')).toHaveTextContent('The database is away.');
  });
});

describe('one carrier', () => {
  it('lets an admin read and change nothing', async () => {
    showOne(CARRIER, false);
    expect(await screen.findByRole('row', { name: /\+1 555 0199/ })).toHaveTextContent('Desk');
    for (const name of ['Edit', 'Delete', 'Add number']) {
      expect(screen.queryByRole('button', { name })).not.toBeInTheDocument();
    }
    expect(screen.queryByRole('button', { name: /^Actions for/ })).not.toBeInTheDocument();
  });

  it('sends what changed alone, and no mask', async () => {
    let sent: unknown;
    server.use(
      http.put(api('/carriers/:id'), async ({ request }) => {
        sent = await request.json();
        return HttpResponse.json(CARRIER);
      }),
    );
    showOne();
    await userEvent.click(await screen.findByRole('button', { name: 'Edit' }));
    expect(screen.getByLabelText('API token')).toHaveValue('abcd...wxyz');
    await userEvent.click(screen.getByRole('button', { name: 'Replace API token' }));
    await userEvent.keyboard('new-token');
    await userEvent.click(screen.getByRole('button', { name: 'Save' }));
    expect(await screen.findByText('Saved')).toBeInTheDocument();
    expect(sent).toEqual({
      rest: {
        adapter: 'voxphone',
        base_url: 'http://phone:8050',
        account_sid: 'voxphone',
        api_key: '',
        api_token: 'new-token',
        flow_url: '',
      },
    });
  });

  it('keeps a carrier that campaigns use, and names them', async () => {
    server.use(
      http.delete(api('/carriers/:id'), () => refusal(409, 'in_use', 'Voxphone is used by running campaigns: Spring.')),
    );
    const onDeleted = showOne();
    await userEvent.click(await screen.findByRole('button', { name: 'Delete' }));
    const dialog = screen.getByRole('dialog', { name: 'Delete Voxphone?' });
    expect(dialog).toHaveTextContent('Its 1 number and its trunks go too.');
    await userEvent.click(within(dialog).getByRole('button', { name: 'Delete' }));
    expect(await within(dialog).findByRole('alert')).toHaveTextContent('Spring');
    expect(onDeleted).not.toHaveBeenCalled();
  });

  it('adds a number, and says whose it is already', async () => {
    server.use(
      http.post(api('/carriers/:id/dids'), () => refusal(409, 'number_taken', '+15550199 belongs to the carrier Old.')),
    );
    showOne();
    await userEvent.click(await screen.findByRole('button', { name: 'Add number' }));
    const dialog = screen.getByRole('dialog', { name: 'Add a number' });
    await userEvent.type(within(dialog).getByLabelText('Number'), '+1 555 0199');
    await userEvent.click(within(dialog).getByRole('button', { name: 'Add number' }));
    expect(await within(dialog).findByRole('alert')).toHaveTextContent('belongs to the carrier Old');
  });

  it('says that it has no number yet', async () => {
    showOne({ ...CARRIER, dids: [] });
    expect(await screen.findByRole('heading', { name: 'No number yet' })).toBeInTheDocument();
  });

  it('says that it does not exist', async () => {
    server.use(http.get(api('/carriers/:id'), () => refusal(404, 'carrier_not_found', 'There is no carrier.')));
    renderPage(<CarrierPage id="gone" bots={[]} mayChange onDeleted={vi.fn()} />);
    expect(await screen.findByRole('heading', { name: 'This carrier does not exist' })).toBeInTheDocument();
  });
});

describe('a new carrier', () => {
  it('names what is missing before it asks the server, then opens what was made', async () => {
    const onCreated = vi.fn();
    server.use(http.post(api('/carriers'), () => HttpResponse.json(CARRIER, { status: 201 })));
    renderPage(<CarrierCreatePage onCreated={onCreated} onCancel={vi.fn()} />);
    await userEvent.click(await screen.findByRole('button', { name: 'Create carrier' }));
    expect(await screen.findByText('Give it a name.')).toBeInTheDocument();
    await userEvent.type(screen.getByLabelText('Name'), 'Voxphone');
    await userEvent.type(screen.getByLabelText('API address'), 'http://phone:8050');
    await userEvent.click(screen.getByRole('button', { name: 'Create carrier' }));
    await vi.waitFor(() => {
      expect(onCreated).toHaveBeenCalledWith('c-1');
    });
  });

  it('needs an address when callers are told apart by it', () => {
    const form = { ...EMPTY, name: 'S', originate: 'livekit_sip', sip_address: 'sip.example.com', inbound_auth_mode: 'ip' } as const; // prettier-ignore
    expect(refusalsOf(form).map(([name]) => name)).toEqual(['inbound_allowed_addresses']);
    expect(refusalsOf({ ...form, inbound_allowed_addresses: ['203.0.113.0/24'] })).toEqual([]);
  });
});

describe('the form', () => {
  it('changes nothing when nothing was typed', () => {
    expect(toUpdate(CARRIER, deserialize(CARRIER))).toEqual({});
    const sip: Carrier = { ...CARRIER, originate: 'livekit_sip', rest: null, sip_address: 'sip.example.com' };
    expect(toUpdate(sip, deserialize(sip))).toEqual({});
  });

  it('sends the fields of its own way alone', () => {
    expect(toCreate(EMPTY)).not.toHaveProperty('sip_address');
    expect(toCreate({ ...EMPTY, originate: 'livekit_sip' })).not.toHaveProperty('rest');
  });
});
