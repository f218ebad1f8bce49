import { expect, it } from 'vitest';

import { blanks, LANGUAGES, program } from './snippets';

const ADDRESS = 'https://vox.example.com/api/v1/sip/dialout';
const ORDER = { bot_id: 'desk', ...blanks(['name', "landlord's street"]), numbers: ['+15550100'] };

it.each(LANGUAGES)('in %s it posts the order with what is left to fill in, and holds no key', (language) => {
  const text = program(language, ADDRESS, ORDER);
  expect(text).toContain(ADDRESS);
  expect(text).toContain('"bot_id": "desk"');
  expect(text).toContain('"name": "…"');
  expect(text).toContain('"+15550100"');
  expect(text).toContain('VOX_API_KEY');
  expect(text).not.toMatch(/vx_/);
});

it('a quote in a name ends no quoted text of a shell', () => {
  expect(program('curl', ADDRESS, ORDER)).toContain(`"landlord'\\''s street": "…"`);
});

it.each(LANGUAGES)('in %s a bot that asks for nothing is given nothing', (language) => {
  expect(program(language, ADDRESS, { bot_id: 'desk', ...blanks([]) })).not.toContain('"variables"');
});
