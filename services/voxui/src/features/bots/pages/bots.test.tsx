import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { expect, it, vi } from 'vitest';

import { renderPage } from '@/test/render';
import { api, pageOf, server } from '@/test/server';

import { readSearch } from '../lib/search';
import { BotsPage } from './bots';

it('says what a bot is while there is none, and leads to the first', async () => {
  server.use(http.get(api('/bots'), () => HttpResponse.json(pageOf([]))));
  renderPage(<BotsPage search={{}} onSearch={vi.fn()} />);
  expect(await screen.findByRole('heading', { name: 'Make your first bot' })).toBeInTheDocument();
  for (const link of screen.getAllByRole('link', { name: 'New bot' })) {
    expect(link).toHaveAttribute('href', '/dashboard/bots/create');
  }
});

const STAGE = { provider: 'openai_compatible', model: 'local' };
const BOT = { bot_id: 'desk', name: 'Desk', is_active: false, locked: false, stt: STAGE, llm: STAGE, tts: STAGE, updated_at: '2026-11-28T09:00:00.000Z' }; // prettier-ignore

it('asks for the bots of the address, in its order and page by page', async () => {
  let asked = '';
  server.use(
    http.get(api('/bots'), ({ request }) => {
      asked = new URL(request.url).search;
      return HttpResponse.json({ ...pageOf([BOT]), total: 60 });
    }),
  );
  const onSearch = vi.fn();
  renderPage(<BotsPage search={{ active: 'no', sort: '-updated_at', page: 2 }} onSearch={onSearch} />);
  expect(await screen.findByRole('link', { name: 'Desk' })).toBeInTheDocument();
  expect(asked).toBe('?limit=50&page=2&sort=-updated_at&is_active=false');
  await userEvent.click(screen.getByRole('button', { name: 'Previous page' }));
  expect(onSearch).toHaveBeenLastCalledWith({ active: 'no', sort: '-updated_at' });
  await userEvent.selectOptions(screen.getByRole('combobox', { name: 'Order of: Bots' }), 'Name, ascending');
  expect(onSearch).toHaveBeenLastCalledWith({ active: 'no' });
});

it('reads an address, and drops what does not fit', () => {
  expect(readSearch({ q: '', active: 'perhaps', sort: 'stt', page: 0 })).toEqual({});
});
