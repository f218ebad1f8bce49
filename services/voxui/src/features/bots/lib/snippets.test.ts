import { expect, it } from 'vitest';

import { dialoutSnippet, LANGUAGES } from './snippets';

const ORDER = { apiUrl: 'https://vox.example.com/api/v1', botId: 'desk', variables: ['name', "landlord's street"] };

it.each(LANGUAGES)('in %s it orders a call with the values that the bot asks for, and holds no key', (language) => {
  const text = dialoutSnippet(language, ORDER);
  expect(text).toContain('https://vox.example.com/api/v1/sip/dialout');
  expect(text).toContain('"bot_id": "desk"');
  expect(text).toContain('"name": "…"');
  expect(text).toContain('VOX_API_KEY');
  expect(text).not.toMatch(/vx_/);
});

it.each(LANGUAGES)('in %s a bot that asks for nothing is given nothing', (language) => {
  expect(dialoutSnippet(language, { ...ORDER, variables: [] })).not.toContain('"variables"');
});

it('a quote in a name ends no quoted text of a shell', () => {
  expect(dialoutSnippet('curl', ORDER)).toContain(`"landlord'\\''s street": "…"`);
});
