import { http, HttpResponse } from 'msw';
import { expect, it } from 'vitest';

import { server } from '@/test/server';

import { isReplaced } from './version';

const told = (answer: () => Response) => {
  server.use(http.get('/version.json', answer));
};

it('tells of a build whose script has another name', async () => {
  told(() => HttpResponse.json({ version: '0.1.0', entry: '/assets/index-new.js' }));
  expect(await isReplaced('/assets/index-old.js')).toBe(true);
  expect(await isReplaced('/assets/index-new.js')).toBe(false);
});

it.each([
  ['there is no such file', () => new HttpResponse(null, { status: 404 })],
  ['the answer is no version', () => HttpResponse.json(['x'])],
  ['the answer is no JSON', () => HttpResponse.text('<!doctype html>')],
  ['nobody answers', () => HttpResponse.error()],
])('says nothing when %s', async (_, answer) => {
  told(answer);
  expect(await isReplaced('/assets/index-old.js')).toBe(false);
});

it('says nothing while the console is developed, where no script has a hash', async () => {
  expect(await isReplaced(null)).toBe(false);
});
