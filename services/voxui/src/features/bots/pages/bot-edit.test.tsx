import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { beforeEach, expect, it, vi } from 'vitest';

import { keepDraft } from '@/lib/draft';
import { renderPage } from '@/test/render';
import { api, refusal, server } from '@/test/server';

import { EMPTY } from '../lib/form';
import { BotEditPage } from './bot-edit';

const STORED = { ...EMPTY, bot_id: 'desk', name: 'Desk', system_prompt: 'Be kind.', revision: 5 };
const sent: unknown[] = [];

beforeEach(() => {
  sent.length = 0;
  server.use(
    http.get(api('/bots/desk'), () => HttpResponse.json(STORED)),
    http.put(api('/bots/desk'), async ({ request }) => {
      const body = (await request.json()) as { revision?: number };
      sent.push(body);
      const isOld = body.revision !== undefined && body.revision !== STORED.revision;
      return isOld ? refusal(409, 'revision_conflict', 'Somebody was faster.') : HttpResponse.json(STORED);
    }),
  );
});

it('sends what changed, with the version that the changes began with', async () => {
  const onSaved = vi.fn();
  renderPage(<BotEditPage id="desk" onSaved={onSaved} />);
  await userEvent.type(await screen.findByLabelText('Name'), ' two');
  await userEvent.click(screen.getByRole('button', { name: 'Save changes' }));
  await vi.waitFor(() => {
    expect(onSaved).toHaveBeenCalledOnce();
  });
  expect(sent).toEqual([expect.objectContaining({ name: 'Desk two', revision: 5 })]);
});

it('never saves an old draft over what somebody else changed since, unasked', async () => {
  keepDraft('bot_desk', { values: { name: 'Mine' }, revision: 4 });
  const onSaved = vi.fn();
  renderPage(<BotEditPage id="desk" onSaved={onSaved} />);
  expect(await screen.findByText('Your unsaved changes are back', { exact: false })).toBeInTheDocument();
  await userEvent.click(screen.getByRole('button', { name: 'Save changes' }));
  expect(await screen.findByRole('dialog', { name: 'Somebody else changed this bot' })).toBeInTheDocument();
  expect(sent).toEqual([expect.objectContaining({ revision: 4 })]);

  await userEvent.click(screen.getByRole('button', { name: 'Save mine over it' }));
  await vi.waitFor(() => {
    expect(onSaved).toHaveBeenCalledOnce();
  });
  expect(sent[1]).not.toHaveProperty('revision');
});

it('says what a bot without an opening message does, and lets it be saved so', async () => {
  const onSaved = vi.fn();
  renderPage(<BotEditPage id="desk" onSaved={onSaved} />);
  const opening = await screen.findByLabelText('Opening message');
  expect(screen.getByText(/whoever is called hears silence/)).toBeInTheDocument();
  await userEvent.type(opening, 'Hello.');
  expect(screen.queryByText(/hears silence/)).not.toBeInTheDocument();
  await userEvent.clear(opening);
  await userEvent.type(screen.getByLabelText('Name'), ' two');
  await userEvent.click(screen.getByRole('button', { name: 'Save changes' }));
  await vi.waitFor(() => {
    expect(onSaved).toHaveBeenCalledOnce();
  });
});
