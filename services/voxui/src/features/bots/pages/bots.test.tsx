import { screen } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { expect, it, vi } from 'vitest';

import { renderPage } from '@/test/render';
import { api, pageOf, server } from '@/test/server';

import { BotsPage } from './bots';

it('says what a bot is while there is none, and leads to the first', async () => {
  server.use(http.get(api('/bots'), () => HttpResponse.json(pageOf([]))));
  renderPage(<BotsPage q={undefined} active={undefined} onSearch={vi.fn()} />);
  expect(await screen.findByRole('heading', { name: 'Make your first bot' })).toBeInTheDocument();
  for (const link of screen.getAllByRole('link', { name: 'New bot' })) {
    expect(link).toHaveAttribute('href', '/dashboard/bots/create');
  }
});
