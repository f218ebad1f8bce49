/** Files on their way, up and down: how far they are is told, and what was stopped was not sent. */
import { delay, http, HttpResponse } from 'msw';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { api, refusal, server } from '@/test/server';

import { ApiError } from './api';
import { download } from './download';
import type { Progress } from './progress';
import { Cancelled, upload } from './upload';

const FILE = new File(['phone_number\n', '+15550100\n'.repeat(1_000)], 'people.csv', { type: 'text/csv' });
const nobody = new AbortController().signal;

let saved: Blob[] = [];
beforeEach(() => {
  saved = [];
  URL.createObjectURL = (file) => {
    saved.push(file as Blob);
    return 'blob:of-a-test';
  };
  URL.revokeObjectURL = vi.fn();
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(() => undefined);
});
afterEach(() => {
  vi.restoreAllMocks();
});

it('an upload arrives whole, with who sends it, and tells how far it is', async () => {
  localStorage.setItem('vox_token', 'of-ada');
  let got: [string | null, string] | null = null;
  server.use(
    http.post(api('/dnc/upload'), async ({ request }) => {
      const text = await request.text();
      got = [request.headers.get('Authorization'), text];
      return HttpResponse.json({ added: 1 });
    }),
  );
  const told: Progress[] = [];
  const answer = await upload('/api/v1/dnc/upload', FILE, (progress) => told.push(progress), nobody);
  expect(answer).toEqual({ added: 1 });
  expect(got![0]).toBe('Bearer of-ada');
  expect(got![1]).toContain('name="file"');
  expect(told.at(-1)).toEqual({ bytes: FILE.size, total: FILE.size });
  expect(told.every(({ bytes }) => bytes <= FILE.size)).toBe(true);
});

it('a refused upload says why, and how long to wait', async () => {
  server.use(
    http.post(api('/dnc/upload'), () =>
      HttpResponse.json({ error: 'rate_limited', message: 'Later.' }, { status: 429, headers: { 'Retry-After': '7' } }),
    ),
  );
  const failed = await upload('/api/v1/dnc/upload', FILE, vi.fn(), nobody).catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(ApiError);
  expect(failed).toMatchObject({ status: 429, code: 'rate_limited', retryAfterS: 7 });
});

it('an upload that finds no server is unreachable', async () => {
  server.use(http.post(api('/dnc/upload'), () => HttpResponse.error()));
  await expect(upload('/api/v1/dnc/upload', FILE, vi.fn(), nobody)).rejects.toMatchObject({ code: 'unreachable' });
});

it('an upload can be stopped', async () => {
  server.use(
    http.post(api('/dnc/upload'), async () => {
      await delay('infinite');
    }),
  );
  const stop = new AbortController();
  const sent = upload('/api/v1/dnc/upload', FILE, vi.fn(), stop.signal);
  stop.abort();
  await expect(sent).rejects.toBeInstanceOf(Cancelled);
});

const parts = (count: number, size: number) =>
  new ReadableStream<Uint8Array>({
    start(controller) {
      for (let part = 0; part < count; part += 1) controller.enqueue(new Uint8Array(size).fill(part));
      controller.close();
    },
  });

it.each([
  ['with its length', { 'Content-Length': String(12 * 2 ** 20) }, 12 * 2 ** 20],
  ['without', {}, null],
  ['of which the length is that of the packed one', { 'Content-Length': '9', 'Content-Encoding': 'identity' }, null],
])('an export tells what has come: %s', async (_, headers, total) => {
  server.use(
    http.get(api('/calls/export.csv'), () => new HttpResponse(parts(12, 2 ** 20), { headers: { ...headers, 'Content-Type': 'text/csv' } })),
  ); // prettier-ignore
  const told: Progress[] = [];
  await download('http://localhost/api/v1/calls/export.csv', 'calls.csv', (progress) => told.push(progress));
  expect(told).toHaveLength(12);
  expect(told[0]).toEqual({ bytes: 2 ** 20, total });
  expect(told.at(-1)!.bytes).toBe(12 * 2 ** 20);
  const [file] = saved;
  expect(file!.type).toBe('text/csv');
  const bytes = new Uint8Array(await file!.arrayBuffer());
  expect(bytes).toHaveLength(12 * 2 ** 20);
  expect(bytes.filter((_, at) => at % 2 ** 20 === 0)).toEqual(Uint8Array.from({ length: 12 }, (_, part) => part));
});

it('a refused export saves nothing', async () => {
  server.use(http.get(api('/calls/export.csv'), () => refusal(422, 'range_too_long', 'At most 92 days.')));
  await expect(download('http://localhost/api/v1/calls/export.csv', 'calls.csv')).rejects.toThrow('At most 92 days.');
  expect(saved).toEqual([]);
});
