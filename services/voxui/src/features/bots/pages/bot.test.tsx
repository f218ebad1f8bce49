import { screen } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { expect, it, vi } from 'vitest';

import { renderPage } from '@/test/render';
import { api, server } from '@/test/server';

import { EMPTY } from '../lib/form';
import { BotPage } from './bot';

const BOT = { ...EMPTY, bot_id: 'desk', name: 'Desk', system_prompt: 'Be kind.', revision: 5 };

function show(locked: boolean, lockedBy: { campaign_id: string; name: string }[]) {
  server.use(http.get(api('/bots/desk'), () => HttpResponse.json({ ...BOT, locked })));
  const on = { onTab: vi.fn(), onTest: vi.fn(), onCloned: vi.fn(), onDeleted: vi.fn() };
  renderPage(<BotPage id="desk" tab="calls" calls={null} lockedBy={lockedBy} {...on} />);
}

it('leads from a bot that is locked to the campaigns that lock it', async () => {
  show(true, [
    { campaign_id: 'c-1', name: 'Autumn' },
    { campaign_id: 'c-2', name: 'Winter' },
  ]);
  expect(await screen.findByRole('link', { name: 'Winter' })).toHaveAttribute('href', '/dashboard/campaigns/c-2');
  expect(screen.getByText(/Running campaigns use this bot/)).toHaveTextContent(
    'Running campaigns use this bot: Autumn, Winter. Pause them to edit or delete the bot.',
  );
  expect(screen.queryByRole('link', { name: 'Edit' })).not.toBeInTheDocument();
});

it('is edited while no campaign runs with it', async () => {
  show(false, []);
  expect(await screen.findByRole('link', { name: 'Edit' })).toBeInTheDocument();
  expect(screen.queryByText(/use this bot/)).not.toBeInTheDocument();
});
