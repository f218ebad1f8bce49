import { screen } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { FormProvider, useForm } from 'react-hook-form';
import { expect, it } from 'vitest';

import { renderPage } from '@/test/render';
import { api, pageOf, server } from '@/test/server';

import { deserialize, type CampaignForm } from '../lib/form';
import { CAMPAIGN } from '../test/records';
import { StepReview } from './step-review';

const CARRIER = {
  carrier_id: 'k', name: 'K', outbound_cps: 1, outbound_channels: 50, lk_sync_status: 'synced',
  dids: [{ did_id: 'd', number: '+15550199', direction: 'both' }],
}; // prettier-ignore

function Review({ file }: { file: File | null }) {
  const form = deserialize(CAMPAIGN);
  // One minute at one dial per second.
  const time_window = { ...form.config.time_window, start: '09:00', end: '09:01' };
  const methods = useForm<CampaignForm>({
    defaultValues: { ...form, config: { ...form.config, campaign_mode: 'single_day', time_window } },
  });
  return (
    <FormProvider {...methods}>
      <StepReview botName="Desk" file={file} stored={0} seats={1} asksForCallbacks={null} />
    </FormProvider>
  );
}
const listOf = (rows: number) =>
  new File(['phone_number\n', ...Array.from({ length: rows }, (_, row) => `+1555010${row}\n`)], 'list.csv');

function show(file: File | null) {
  server.use(http.get(api('/carriers'), () => HttpResponse.json(pageOf([CARRIER]))));
  renderPage(<Review file={file} />);
}

it('says that the window is too short for the file that was chosen just now', async () => {
  show(listOf(61));
  expect(await screen.findByText(/only 60 of 61 contacts get a first try/)).toBeInTheDocument();
  expect(screen.getByText('list.csv, 61 rows')).toBeInTheDocument();
});

it('says nothing of a list that the window is long enough for', async () => {
  show(listOf(60));
  expect(await screen.findByText('list.csv, 60 rows')).toBeInTheDocument();
  expect(await screen.findByText(/more than the 1 seat/)).toBeInTheDocument();
  expect(screen.queryByText(/first try/)).not.toBeInTheDocument();
});
