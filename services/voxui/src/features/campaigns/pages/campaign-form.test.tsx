import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { delay, http, HttpResponse } from 'msw';
import { beforeEach, expect, it, vi } from 'vitest';

import { renderPage } from '@/test/render';
import { api, pageOf, refusal, server } from '@/test/server';

import { CAMPAIGN } from '../test/records';
import { CampaignEditPage, CampaignNewPage } from './campaign-form';

const around = {
  bots: [{ bot_id: 'demo', name: 'Front desk' }],
  botFacts: { tokens: ['amount'], asksForCallbacks: false },
  onBot: vi.fn(),
  seats: 4,
};
const CARRIER = {
  carrier_id: 'k', name: 'Voxphone', originate: 'websocket_carrier', outbound_cps: 5, outbound_channels: 50, breaker: null,
  dids: [{ did_id: 'd', number: '+15550199', label: 'Sales', direction: 'both' }, { did_id: 'e', number: '+15550198', label: '', direction: 'inbound' }],
}; // prettier-ignore
const REPORT = {
  total_rows: 2, inserted: 1, invalid: 1, duplicates: 0, suppressed: 0, over_limit: 0, columns: ['phone_number', 'name'],
  ignored_columns: [], encoding: 'utf-8', delimiter: ',', sample_errors: [{ row: 3, phone_number: '12', reason: 'needs 8 to 15 digits' }],
}; // prettier-ignore
const csv = (text: string) => new File([text], 'people.csv', { type: 'text/csv' });
const step = (name: string) => userEvent.click(screen.getByRole('button', { name: new RegExp(name) }));
const sent: unknown[] = [];

beforeEach(() => {
  sent.length = 0;
  server.use(
    http.get(api('/carriers'), () => HttpResponse.json(pageOf([CARRIER]))),
    http.post(api('/campaigns'), async ({ request }) => {
      sent.push(await request.json());
      return HttpResponse.json({ ...CAMPAIGN, status: 'draft' }, { status: 201 });
    }),
  );
});

async function fill(file: File) {
  await userEvent.type(await screen.findByLabelText('Name'), 'Winter');
  await userEvent.selectOptions(screen.getByLabelText('Bot'), 'demo');
  await step('Number pool');
  await userEvent.click(await screen.findByRole('button', { name: 'Select all 1' }));
  await step('Contacts');
  await userEvent.upload(screen.getByLabelText('CSV file of contacts'), file);
}

it('previews the file, creates the campaign, loads the file and shows what became of its rows', async () => {
  server.use(http.post(api('/campaigns/c-1/upload'), () => HttpResponse.json(REPORT)));
  const onOpen = vi.fn();
  renderPage(<CampaignNewPage around={around} onOpen={onOpen} />);
  await fill(csv('phone_number,name\n+15550100,Ana\n12,Bo\n'));
  const preview = await screen.findByRole('region', { name: 'First rows of the file' });
  expect(within(preview).getByText('Ana')).toBeInTheDocument();
  expect(screen.getByText(/no column fills it/)).toHaveTextContent('{{amount}}');

  await step('Review');
  expect(screen.getByText(/more than the 4 seats of the fleet/)).toBeInTheDocument();
  await userEvent.click(screen.getByRole('button', { name: 'Create campaign' }));
  expect(await screen.findByRole('heading', { name: '1 contact will be called' })).toBeInTheDocument();
  expect(screen.getByText('needs 8 to 15 digits')).toBeInTheDocument();
  expect(sent).toEqual([expect.objectContaining({ name: 'Winter', bot_id: 'demo', number_pool: ['+15550199'] })]);
  expect(onOpen).not.toHaveBeenCalled();
  await userEvent.click(screen.getByRole('button', { name: 'Open the campaign' }));
  expect(onOpen).toHaveBeenCalledWith('c-1');
});

it('says that a file without phone_number would be refused', async () => {
  renderPage(<CampaignNewPage around={around} onOpen={vi.fn()} />);
  await fill(csv('Phone;name\n+15550100;Ana\n'));
  expect(await screen.findByText(/the file would be refused/)).toHaveTextContent('Phone, name');
});

it('keeps the campaign when the file is refused, says so, and takes another file', async () => {
  let tries = 0;
  server.use(
    http.post(api('/campaigns/c-1/upload'), () => {
      tries += 1;
      return tries === 1 ? refusal(422, 'no_valid_rows', 'No row has a valid number.') : HttpResponse.json(REPORT);
    }),
  );
  renderPage(<CampaignNewPage around={around} onOpen={vi.fn()} />);
  await fill(csv('phone_number\n1\n'));
  await userEvent.click(screen.getByRole('button', { name: 'Create campaign' }));
  expect(await screen.findByRole('alert')).toHaveTextContent('No row has a valid number.');
  expect(screen.getByText(/The campaign is saved, without the contacts/)).toBeInTheDocument();
  await userEvent.click(screen.getByRole('button', { name: 'Choose another file' }));
  await userEvent.upload(screen.getByLabelText('CSV file of contacts'), csv('phone_number\n+15550100\n'));
  await userEvent.click(screen.getByRole('button', { name: 'Load this file' }));
  expect(await screen.findByRole('heading', { name: '1 contact will be called' })).toBeInTheDocument();
  expect(sent).toHaveLength(1);
});

it('an upload that is cancelled says what became of the campaign, and can be made again', async () => {
  server.use(
    http.post(api('/campaigns/c-1/upload'), async () => {
      await delay('infinite');
    }),
  );
  renderPage(<CampaignNewPage around={around} onOpen={vi.fn()} />);
  await fill(csv('phone_number\n+15550100\n'));
  await userEvent.click(screen.getByRole('button', { name: 'Create campaign' }));
  expect(await screen.findByRole('progressbar', { name: 'Contacts on their way' })).toBeInTheDocument();
  await userEvent.click(screen.getByRole('button', { name: 'Cancel upload' }));
  expect(await screen.findByRole('heading', { name: 'The upload was cancelled' })).toBeInTheDocument();
  expect(screen.getByText(/The campaign is saved, without the contacts/)).toBeInTheDocument();
  server.use(http.post(api('/campaigns/c-1/upload'), () => HttpResponse.json(REPORT)));
  await userEvent.click(screen.getByRole('button', { name: 'Upload it again' }));
  expect(await screen.findByRole('heading', { name: '1 contact will be called' })).toBeInTheDocument();
});

it('leads to the first step that is not complete', async () => {
  renderPage(<CampaignNewPage around={around} onOpen={vi.fn()} />);
  await screen.findByLabelText('Name');
  await step('Review');
  await userEvent.click(screen.getByRole('button', { name: 'Create campaign' }));
  expect(await screen.findByText('Give the campaign a name')).toBeInTheDocument();
  expect(sent).toEqual([]);
});

it('shows a refusal of the server at its field', async () => {
  server.use(
    http.get(api('/campaigns/c-1'), () => HttpResponse.json({ ...CAMPAIGN, status: 'draft', identity_locked: false })),
    http.patch(api('/campaigns/c-1'), () =>
      refusal(422, 'validation_error', 'The name is taken.', {
        detail: [{ loc: ['body', 'name'], msg: 'This name is taken' }],
      }),
    ),
  );
  renderPage(<CampaignEditPage id="c-1" around={around} onOpen={vi.fn()} />);
  await userEvent.type(await screen.findByLabelText('Name'), ' two');
  await userEvent.click(screen.getByRole('button', { name: 'Save changes' }));
  expect(await screen.findByText('This name is taken')).toBeInTheDocument();
});

it('leaves name, bot and list alone once the campaign has run', async () => {
  const onOpen = vi.fn();
  server.use(
    http.get(api('/campaigns/c-1'), () => HttpResponse.json({ ...CAMPAIGN, status: 'paused' })),
    http.patch(api('/campaigns/c-1'), async ({ request }) => {
      sent.push(await request.json());
      return HttpResponse.json(CAMPAIGN);
    }),
  );
  renderPage(<CampaignEditPage id="c-1" around={around} onOpen={onOpen} />);
  expect(await screen.findByText(/its name and its bot stay/)).toBeInTheDocument();
  await step('Contacts');
  expect(screen.getByText(/its list of 100 contacts stays/)).toBeInTheDocument();
  await step('Dialler');
  const limit = screen.getByLabelText('Calls at a time');
  await userEvent.clear(limit);
  await userEvent.type(limit, '3');
  await userEvent.tab();
  await userEvent.click(screen.getByRole('button', { name: 'Save changes' }));
  await vi.waitFor(() => {
    expect(onOpen).toHaveBeenCalledWith('c-1');
  });
  expect(sent[0]).not.toHaveProperty('name');
  expect(sent[0]).toMatchObject({ config: { concurrency_limit: 3 } });
});

it('says why a running campaign cannot be changed', async () => {
  server.use(http.get(api('/campaigns/c-1'), () => HttpResponse.json(CAMPAIGN)));
  renderPage(<CampaignEditPage id="c-1" around={around} onOpen={vi.fn()} />);
  expect(await screen.findByRole('heading', { name: 'This campaign cannot be changed now' })).toBeInTheDocument();
});

it('leads to the carriers while no number can call out', async () => {
  const inbound = { ...CARRIER, dids: CARRIER.dids.slice(1) };
  server.use(http.get(api('/carriers'), () => HttpResponse.json(pageOf([inbound]))));
  renderPage(<CampaignNewPage around={around} onOpen={vi.fn()} />);
  await screen.findByLabelText('Name');
  await step('Number pool');
  expect(await screen.findByRole('heading', { name: 'No number can call out' })).toBeInTheDocument();
  expect(screen.getByRole('link', { name: 'Open the carriers' })).toHaveAttribute('href', '/dashboard/carriers');
});
