import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { LiveStream, LOST, parseEvents, waitMs, type StreamEvent } from './stream';

const session = vi.hoisted(() => ({ token: vi.fn<() => string | null>(() => 'a-token'), leave: vi.fn() }));
vi.mock('./session', () => session);

it('reads whole events, and keeps the one that is not whole yet', () => {
  const text = ': still here\n\nid: e-1\nevent: call.started\ndata: {"session_id":"x"}\n\nevent: fleet.ch';
  expect(parseEvents(text)).toEqual([[{ name: 'call.started', data: { session_id: 'x' } }], 'event: fleet.ch', 'e-1']);
});

it('asks for what an unreadable event may have said', () => {
  expect(parseEvents('event: call.started\ndata: {broken\n\n')[0]).toEqual([{ name: 'reset', data: {} }]);
});

it('waits longer after each failure, and never longer than half a minute and a quarter', () => {
  expect([1, 2, 3, 4].map((failures) => waitMs(failures, 0.5))).toEqual([1_000, 2_000, 4_000, 8_000]);
  expect(waitMs(40, 1)).toBe(37_500);
});

/** A server whose streams the test holds in its hand. */
class Server {
  asked: { topics: string; lastId: string | null; signal: AbortSignal }[] = [];
  status = 200;
  headers: Record<string, string> = {};
  private line: ReadableStreamDefaultController<Uint8Array> | undefined;

  readonly fetch = (input: string | URL | Request, init: RequestInit = {}) => {
    const address = new URL(String(input), 'http://vox.test');
    const signal = init.signal as AbortSignal;
    const lastId = new Headers(init.headers).get('Last-Event-ID');
    this.asked.push({ topics: address.searchParams.get('topics') ?? '', lastId, signal });
    if (this.status !== 200) return Promise.resolve(new Response('', { status: this.status, headers: this.headers }));
    const body = new ReadableStream<Uint8Array>({
      start: (line) => {
        this.line = line;
        signal.addEventListener('abort', () => {
          line.error(new DOMException('aborted', 'AbortError'));
        });
      },
    });
    return Promise.resolve(new Response(body));
  };

  async say(text: string) {
    this.line?.enqueue(new TextEncoder().encode(text));
    await vi.advanceTimersByTimeAsync(1);
  }

  async hangUp() {
    this.line?.close();
    await vi.advanceTimersByTimeAsync(1);
  }
}

let server: Server;
let hidden = false;

beforeEach(() => {
  vi.useFakeTimers();
  server = new Server();
  vi.stubGlobal('fetch', server.fetch);
  hidden = false;
  vi.spyOn(document, 'hidden', 'get').mockImplementation(() => hidden);
  session.token.mockReturnValue('a-token');
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const settle = () => vi.advanceTimersByTimeAsync(60);
const HELLO = 'id: e-7\nevent: hello\ndata: {"topics":["calls"]}\n\n';

it('opens one line for all topics of the open views, and a new one when they change', async () => {
  const stream = new LiveStream();
  const leaveCalls = stream.want(['calls']);
  stream.want(['campaigns', 'fleet']);
  await settle();
  expect(server.asked.map((one) => one.topics)).toEqual(['calls,campaigns,fleet']);
  const again = stream.want(['fleet']);
  again();
  await settle();
  expect(server.asked).toHaveLength(1);
  leaveCalls();
  await settle();
  expect(server.asked.map((one) => one.topics)).toEqual(['calls,campaigns,fleet', 'campaigns,fleet']);
  expect(server.asked[0]?.signal.aborted).toBe(true);
});

it('is open once the server has spoken, and passes its events on', async () => {
  const stream = new LiveStream();
  const heard: StreamEvent[] = [];
  stream.onEvent((event) => heard.push(event));
  stream.want(['calls']);
  await settle();
  expect(stream.isOpen()).toBe(false);
  await server.say(HELLO);
  expect(stream.isOpen()).toBe(true);
  await server.say('event: call.started\ndata: {"session_id":"x"}\n\n');
  expect(heard.map((event) => event.name)).toEqual(['hello', 'call.started']);
});

it('knows since when it is told without a gap, and when the server spoke last, be it only that it is there', async () => {
  const stream = new LiveStream();
  stream.want(['calls']);
  await settle();
  expect(stream.told()).toBeNull();
  await server.say(HELLO);
  const since = stream.told()?.since ?? 0;
  expect(stream.told()).toEqual({ since, until: since });
  await vi.advanceTimersByTimeAsync(15_000);
  expect(stream.told()).toEqual({ since, until: since });
  await server.say(': still here\n\n');
  expect((stream.told()?.until ?? 0) - since).toBeGreaterThanOrEqual(15_000);
  await server.hangUp();
  expect(stream.told()).toBeNull();
});

it('comes back after the server ended the line, and says what it heard last', async () => {
  const stream = new LiveStream();
  stream.want(['calls']);
  await settle();
  await server.say(HELLO);
  await server.hangUp();
  expect(stream.isOpen()).toBe(false);
  await vi.advanceTimersByTimeAsync(1_300);
  expect(server.asked.map((one) => one.lastId)).toEqual([null, 'e-7']);
});

it('says at once what is told no longer, and only when it had been told', async () => {
  const stream = new LiveStream();
  const heard: StreamEvent[] = [];
  stream.onEvent((event) => heard.push(event));
  stream.want(['calls', 'fleet']);
  await settle();
  await server.say(HELLO);
  server.status = 503;
  await server.hangUp();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(server.asked.length).toBeGreaterThan(1);
  expect(heard.slice(1)).toEqual([{ name: LOST, data: { topics: ['calls', 'fleet'] } }]);
});

it('does not storm a server that is away', async () => {
  server.status = 503;
  const stream = new LiveStream();
  stream.want(['calls']);
  await vi.advanceTimersByTimeAsync(120_000);
  expect(server.asked.length).toBeGreaterThan(4);
  expect(server.asked.length).toBeLessThan(12);
});

it('rests while the tab is hidden and goes on when it is seen again', async () => {
  const stream = new LiveStream();
  stream.want(['calls']);
  await settle();
  await server.say(HELLO);
  hidden = true;
  stream.look();
  await vi.advanceTimersByTimeAsync(120_000);
  expect(server.asked).toHaveLength(1);
  expect(server.asked[0]?.signal.aborted).toBe(true);
  expect(stream.isOpen()).toBe(false);
  hidden = false;
  stream.look();
  await settle();
  expect(server.asked).toHaveLength(2);
});

it.each([404, 403, 422])('asks no more where there is no stream for it (%i)', async (status) => {
  server.status = status;
  const stream = new LiveStream();
  stream.want(['calls']);
  await vi.advanceTimersByTimeAsync(120_000);
  expect(server.asked).toHaveLength(1);
});

it('waits as long as a busy server asks it to', async () => {
  server.status = 429;
  server.headers = { 'Retry-After': '20' };
  const stream = new LiveStream();
  stream.want(['calls']);
  await vi.advanceTimersByTimeAsync(19_000);
  expect(server.asked).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1_500);
  expect(server.asked).toHaveLength(2);
});

it('leaves a line on which nothing is said for 25 s', async () => {
  const stream = new LiveStream();
  stream.want(['calls']);
  await settle();
  await server.say(HELLO);
  await vi.advanceTimersByTimeAsync(20_000);
  await server.say(': still here\n\n');
  await vi.advanceTimersByTimeAsync(20_000);
  expect(server.asked).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(7_000);
  expect(server.asked).toHaveLength(2);
});

it('ends the session when the token is good no longer', async () => {
  server.status = 401;
  new LiveStream().want(['calls']);
  await settle();
  expect(session.leave).toHaveBeenCalledWith('expired');
});
