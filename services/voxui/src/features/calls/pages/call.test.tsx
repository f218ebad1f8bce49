import { screen } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { expect, it } from 'vitest';

import { renderPage } from '@/test/render';
import { api, server } from '@/test/server';

import { CallPage } from './call';

const CALL = {
  session_id: 's-1', bot_id: 'demo', bot_name: 'Front desk', status: 'completed', call_type: 'bot', call_direction: 'outgoing',
  transport: 'ws', caller_id: '+4930123456', from_number: '+15550199', stream_id: 'st-1', created_at: '2026-11-28T05:25:23.137Z',
  call_duration_seconds: 41.7, integration_log: [], campaign: null,
}; // prettier-ignore
const nothing = () => undefined;

function show(call: object) {
  server.use(http.get(api('/calls/s-1'), () => HttpResponse.json({ ...CALL, ...call })));
  renderPage(<CallPage id="s-1" tab="events" onTab={nothing} mayDelete={false} onDeleted={nothing} />);
}

it('leads from a call of a campaign to the campaign and to its contact, and says which try it was', async () => {
  show({ campaign: { campaign_id: 'c1', name: 'Spring' }, campaign_attempt: 2, campaign_run_number: 3 });
  expect(await screen.findByRole('link', { name: 'Spring' })).toHaveAttribute('href', '/dashboard/campaigns/c1');
  const contact = new URL(screen.getByRole<HTMLAnchorElement>('link', { name: '+493 012 3456' }).href);
  expect(Object.fromEntries(contact.searchParams)).toEqual({ tab: 'contacts', phone: '+4930123456' });
  expect(screen.getByText('Try 2 of run 3')).toBeVisible();
});

it('does not lead to a campaign that was deleted, and says nothing of one where there is none', async () => {
  show({ campaign: { campaign_id: '0123456789abcdef', name: '' } });
  expect(await screen.findByText('01234567, deleted')).toBeVisible();
  expect(screen.queryByText('Contact')).not.toBeInTheDocument();
});
