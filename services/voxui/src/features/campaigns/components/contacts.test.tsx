import { screen } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { expect, it } from 'vitest';

import { PageAges } from '@/components/live';
import { Ages } from '@/lib/age';
import { renderPage } from '@/test/render';
import { api, pageOf, server } from '@/test/server';

import { CAMPAIGN, CONTACT } from '../test/records';
import { Contacts } from './contacts';

it.each([
  ['running', true],
  ['draft', false],
] as const)('says how old the contacts of a %s campaign are: %s (G2)', async (status, isAged) => {
  server.use(http.get(api('/campaigns/c-1/calls'), () => HttpResponse.json(pageOf([CONTACT]))));
  const ages = new Ages();
  const idle = { ...CAMPAIGN.stats, in_flight: 0, callback_pending: 0 };
  renderPage(
    <PageAges value={ages}>
      <Contacts
        campaign={{ ...CAMPAIGN, status, stats: idle, live: null }}
        search={{ tab: 'contacts' }}
        onSearch={() => undefined}
      />
    </PageAges>,
  );
  await screen.findByText('+1 555 0100');
  expect(ages.current() !== null).toBe(isAged);
});
