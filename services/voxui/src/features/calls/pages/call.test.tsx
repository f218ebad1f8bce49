import { cleanup, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { afterEach, expect, it, vi } from 'vitest';

import { renderPage } from '@/test/render';
import { api, server } from '@/test/server';

import { CallPage, type CallPageSearch } from './call';

const CALL = {
  session_id: 's-1', bot_id: 'demo', bot_name: 'Front desk', status: 'completed', call_type: 'bot', call_direction: 'outgoing',
  transport: 'ws', caller_id: '+4930123456', from_number: '+15550199', stream_id: 'st-1', created_at: '2026-11-28T05:25:23.137Z',
  call_duration_seconds: 41.7, integration_log: [], campaign: null,
}; // prettier-ignore
const onSearch = vi.fn();

const at = (type: string, offset_ms: number) => ({ type, offset_ms, data: {} });

function show(call: object, search: CallPageSearch = {}) {
  server.use(http.get(api('/calls/s-1'), () => HttpResponse.json({ ...CALL, ...call })));
  renderPage(<CallPage id="s-1" search={search} onSearch={onSearch} mayDelete={false} onDeleted={onSearch} />);
}

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

it('leads from a call of a campaign to the campaign and to its contact, and says which try it was', async () => {
  show({ campaign: { campaign_id: 'c1', name: 'Spring' }, campaign_attempt: 2, campaign_run_number: 3 });
  expect(await screen.findByRole('link', { name: 'Spring' })).toHaveAttribute('href', '/dashboard/campaigns/c1');
  const contact = new URL(screen.getByRole<HTMLAnchorElement>('link', { name: '+49 3012 3456' }).href);
  expect(Object.fromEntries(contact.searchParams)).toEqual({ tab: 'contacts', phone: '+4930123456' });
  expect(screen.getByText('Try 2 of run 3')).toBeVisible();
});

it('does not lead to a campaign that was deleted, and says nothing of one where there is none', async () => {
  show({ campaign: { campaign_id: '0123456789abcdef', name: '' } });
  expect(await screen.findByText('01234567, deleted')).toBeVisible();
  expect(screen.queryByText('Contact')).not.toBeInTheDocument();
});

it('shows events of one type when the address says so', async () => {
  const events = [at('tool_call', 100), at('interruption', 200), at('tool_call', 300)];
  show({ events }, { event: 'tool_call' });
  const list = await screen.findByRole('list', { name: 'Events' });
  expect(within(list).getAllByText('Tool call')).toHaveLength(2);
  expect(within(list).queryByText('Interruption')).not.toBeInTheDocument();
  const choice = screen.getByRole('combobox', { name: 'Type of event' });
  await userEvent.selectOptions(choice, 'Interruption (1)');
  expect(onSearch).toHaveBeenLastCalledWith({ event: 'interruption' });
  await userEvent.selectOptions(choice, 'All events');
  expect(onSearch).toHaveBeenLastCalledWith({ event: undefined });
});

it('keeps all events for an address with a type that did not happen', async () => {
  show({ events: [at('tool_call', 100), at('interruption', 200)] }, { event: 'transfer' });
  expect(within(await screen.findByRole('list', { name: 'Events' })).getAllByRole('listitem')).toHaveLength(2);
});

it('wears a badge while the call runs, and says how old what it shows is; afterwards neither', async () => {
  show({ status: 'in_progress' });
  expect(await screen.findByText('Live')).toBeVisible();
  expect(screen.getByText(/^As of/)).toBeVisible();
  cleanup();
  show({});
  expect(await screen.findByText('Completed')).toBeVisible();
  expect(screen.queryByText(/^As of/)).not.toBeInTheDocument();
});

it('says how much of a recording has come while it is saved', async () => {
  vi.stubGlobal('Worker', class { postMessage() {} terminate() {} }); // prettier-ignore
  const save = vi.spyOn(HTMLAnchorElement.prototype, 'click').mockReturnValue();
  URL.createObjectURL = () => 'blob:recording';
  const files: ReadableStreamDefaultController<Uint8Array>[] = [];
  server.use(
    http.get(api('/recordings/s-1'), () => {
      const body = new ReadableStream<Uint8Array>({ start: (file) => void files.push(file) });
      return new HttpResponse(body, { headers: { 'Content-Type': 'audio/wav', 'Content-Length': '4000' } });
    }),
  );
  show({ recording_url: '/api/v1/recordings/s-1' });
  await userEvent.click(await screen.findByRole('button', { name: 'Recording' }));
  await vi.waitFor(() => {
    expect(files).toHaveLength(2); // that of the player is the first
  });
  files[1]?.enqueue(new Uint8Array(1_000));
  expect(await screen.findByText(/^25 %, 1/)).toBeVisible();
  expect(screen.getByText('Loading …')).toBeVisible();
  files[1]?.close();
  await vi.waitFor(() => {
    expect(save).toHaveBeenCalledOnce();
  });
});
