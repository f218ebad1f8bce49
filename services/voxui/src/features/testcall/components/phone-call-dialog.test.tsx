import { cleanup, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import axe from 'axe-core';
import { http, HttpResponse } from 'msw';
import { afterEach, expect, it, vi } from 'vitest';

import { renderPage } from '@/test/render';
import { api, pageOf, refusal, server } from '@/test/server';

import { PhoneCallDialog } from './phone-call-dialog';

const CARRIER = {
  carrier_id: 'c-1', name: 'Voxphone',
  dids: [{ number: '+15550199', direction: 'both' }, { number: '+15550198', direction: 'inbound' }],
}; // prettier-ignore

async function show(botId = 'desk') {
  server.use(
    http.get(api('/carriers'), () => HttpResponse.json(pageOf([CARRIER]))),
    http.get(api('/fleet/status'), () => HttpResponse.json({ total_capacity: 4 })),
  );
  renderPage(
    <PhoneCallDialog bot={{ bot_id: botId, name: 'Desk' }} variables={['name']} open onOpenChange={() => undefined} />,
  );
  await screen.findByRole('option', { name: '+1 555 0199 · Voxphone' });
}

/** What lies under a dialog needs a layout to be judged: the stories in a browser judge its guards of focus. */
const judged = () =>
  axe.run(
    { include: [document.body], exclude: ['[data-radix-focus-guard]'] },
    { rules: { region: { enabled: false } } },
  );

async function call(number: string) {
  const field = screen.getByLabelText('Number to call');
  await userEvent.clear(field);
  await userEvent.type(field, number);
  await userEvent.click(screen.getByRole('button', { name: 'Call' }));
}

afterEach(() => {
  vi.useRealTimers();
});

it('sends the number, ours and the values, and says when nobody answers', async () => {
  const sent: unknown[] = [];
  await show();
  server.use(
    http.post(api('/sip/dialout'), async ({ request }) => {
      sent.push(await request.json());
      return HttpResponse.json({ status: 'accepted', call_id: 'call-1', room_name: null });
    }),
    http.get(api('/calls'), ({ request }) => {
      expect(new URL(request.url).searchParams.get('call_id')).toBe('call-1');
      return HttpResponse.json(pageOf([]));
    }),
  );
  expect(screen.queryByRole('option', { name: /0198/ })).toBeNull();
  await userEvent.selectOptions(screen.getByLabelText('Our number'), '+15550199');
  await userEvent.type(screen.getByLabelText(/^name/), 'Ana');
  vi.useFakeTimers({ toFake: ['Date'] });
  await call('+1 555 0191');
  expect(await screen.findByText('+1 555 0191 is ringing …')).toBeVisible();
  const body = { bot_id: 'desk', to_number: '+1 555 0191', from_number: '+15550199', variables: { name: 'Ana' } };
  expect(sent).toEqual([{ ...body, wait_seconds: 3 }]);
  expect(screen.queryByRole('button', { name: 'Call again' })).toBeNull();

  vi.setSystemTime(Date.now() + 61_000);
  expect(await screen.findByText('+1 555 0191 has not answered.')).toBeVisible();
  await userEvent.click(screen.getByRole('button', { name: 'Call again' }));
  expect(await screen.findByText('+1 555 0191 is ringing …')).toBeVisible();
  expect(sent).toHaveLength(2);
});

it.each([
  [409, 'do_not_call', 'The number is on the do-not-call list'],
  [422, 'number_unknown', 'There is no number to call from'],
  [409, 'outside_active_hours', 'The bot is off duty now'],
  [503, 'livekit_not_configured', 'LiveKit is not set up'],
  [502, 'carrier_refused', 'The carrier did not take the call'],
  [503, 'carrier_unavailable', 'The carrier cannot be reached'],
  [502, 'start_unknown', 'It is not known whether it rings'],
  [503, 'no_capacity', 'All 4 seats are busy'],
  [429, 'quota_exceeded', 'No more calls are allowed now'],
])('a refusal %i %s is named, and the form stays', async (status, code, title) => {
  await show();
  server.use(http.post(api('/sip/dialout'), () => refusal(status, code, 'The server says why.')));
  await call('+1 555 0191');
  const alert = await screen.findByRole('alert');
  expect(within(alert).getByText(title)).toBeVisible();
  expect(screen.getByLabelText('Number to call')).toHaveValue('+1 555 0191');
  expect(screen.getByRole('button', { name: 'Call' })).toBeEnabled();
  const found = await judged();
  expect(found.violations).toEqual([]);
});

it('whoever calls too often waits as long as the server asks', async () => {
  await show();
  server.use(
    http.post(api('/sip/dialout'), () =>
      HttpResponse.json(
        { error: 'rate_limited', message: 'Slow down.' },
        { status: 429, headers: { 'Retry-After': '40' } },
      ),
    ),
  );
  await call('+1 555 0191');
  expect(await screen.findByRole('alert')).toHaveTextContent(/Too many requests\. Try again in (40|39) s\./);
  expect(screen.getByRole('button', { name: 'Call' })).toBeDisabled();
});

it('twelve situations can be ticked, for each bot, and are there the next time', async () => {
  await show();
  await userEvent.click(screen.getByText('What to try on the phone'));
  expect(screen.getAllByRole('checkbox')).toHaveLength(12);
  expect(screen.getByText('0 of 12 done')).toBeVisible();
  await userEvent.click(screen.getByRole('checkbox', { name: /Interrupt it/ }));
  await userEvent.click(screen.getByRole('checkbox', { name: /Ask for a person/ }));
  await userEvent.click(screen.getByRole('checkbox', { name: /Ask for a person/ }));
  await userEvent.click(screen.getByRole('checkbox', { name: /Refuse the call/ }));
  expect(screen.getByText('2 of 12 done')).toBeVisible();
  const found = await judged();
  expect(found.violations).toEqual([]);

  cleanup();
  await show('another');
  expect(screen.getByText('0 of 12 done')).toBeVisible();
  cleanup();
  await show();
  expect(screen.getByText('2 of 12 done')).toBeVisible();
  await userEvent.click(screen.getByText('What to try on the phone'));
  await userEvent.click(screen.getByRole('button', { name: 'Begin again' }));
  expect(screen.getByText('0 of 12 done')).toBeVisible();
  expect(localStorage.getItem('vox_phone_tests_desk')).toBe('[]');
});

it.each(['not JSON', '{"silence":true}', '["a situation of another release"]', 'null'])(
  'ticks that cannot be read (%s) are none',
  async (kept) => {
    localStorage.setItem('vox_phone_tests_desk', kept);
    await show();
    expect(screen.getByText('0 of 12 done')).toBeVisible();
  },
);
