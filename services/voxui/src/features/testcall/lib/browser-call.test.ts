/** T1, T3: what a test call asks for in which order, and that its end leaves neither a call nor a live microphone. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { BrowserCall, type CallState } from './browser-call';

const steps: string[] = [];
const track = {
  stop: () => {
    steps.push('microphone off');
  },
};
/** The person at the dialog of the browser. */
let decide: { grant: () => void; deny: () => void };

class Socket extends EventTarget {
  static readonly OPEN = 1;
  static last: Socket;
  readyState = 0;
  sent: Record<string, unknown>[] = [];
  onopen: () => void = () => undefined;
  onmessage: (event: { data: string }) => void = () => undefined;
  onclose: (event: { code: number; reason: string }) => void = () => undefined;
  constructor(readonly url: string) {
    super();
    steps.push('socket');
    Socket.last = this;
  }
  open() {
    this.readyState = Socket.OPEN;
    this.onopen();
  }
  send(text: string) {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }
  close(code: number) {
    this.readyState = 3;
    steps.push(`closed ${code}`);
  }
}

class Sound {
  state = 'running';
  audioWorklet = { addModule: () => Promise.resolve() };
  destination = {};
  createMediaStreamSource = () => ({ connect: () => undefined });
  resume = () => Promise.resolve();
  close() {
    this.state = 'closed';
    steps.push('sound off');
    return Promise.resolve();
  }
}

class Worklet {
  static capture: Worklet;
  port = {
    postMessage: () => undefined,
    onmessage: (event: { data: Float32Array }) => {
      expect.unreachable(`${event.data.length} samples before anybody listens`);
    },
  };
  constructor(_: unknown, name: string) {
    if (name === 'vox-capture') Worklet.capture = this;
  }
  connect() {}
}

beforeEach(() => {
  steps.length = 0;
  vi.stubGlobal('WebSocket', Socket);
  vi.stubGlobal('AudioContext', Sound);
  vi.stubGlobal('AudioWorkletNode', Worklet);
  vi.stubGlobal('navigator', {
    mediaDevices: {
      getUserMedia: () =>
        new Promise((granted, denied) => {
          steps.push('microphone asked');
          decide = {
            grant: () => {
              steps.push('microphone granted');
              granted({ getTracks: () => [track] });
            },
            deny: () => {
              denied(new DOMException('', 'NotAllowedError'));
            },
          };
        }),
    },
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
});

function place() {
  let state: CallState | undefined;
  const office = {
    place: () => {
      steps.push('seat asked');
      return Promise.resolve({ ws_url: 'ws://worker/ws', context_id: 'c-1' });
    },
    fleet: () => Promise.resolve(null),
  };
  const call = new BrowserCall(office, (next) => {
    state = next;
  });
  void call.start('');
  return { call, state: () => state };
}

const settled = () => new Promise((done) => setTimeout(done, 0));

async function talking() {
  const placed = place();
  decide.grant();
  await settled();
  Socket.last.open();
  return placed;
}

it('asks for a seat only once the microphone is granted, and sends nothing before (T3)', async () => {
  const { state } = place();
  await settled();
  expect(steps).toEqual(['microphone asked']);
  decide.grant();
  await settled();
  expect(steps).toEqual(['microphone asked', 'microphone granted', 'seat asked', 'socket']);
  Worklet.capture.port.onmessage({ data: new Float32Array(160).fill(0.5) });
  expect(Socket.last.sent).toEqual([]);
  Socket.last.open();
  expect(Socket.last.sent.map((frame) => frame.event)).toEqual(['connected', 'start', 'answer']);
  expect(Socket.last.sent[0]).toMatchObject({ callerId: 'browser', streamId: state()?.streamId, _context: 'c-1' });
});

it('a microphone that is denied costs no seat (T3)', async () => {
  const { state } = place();
  decide.deny();
  await settled();
  expect(steps).toEqual(['microphone asked']);
  expect(state()).toMatchObject({ phase: 'failed' });
});

it.each(['hang up', 'closed by the worker', 'lost'])('the microphone is off at the end: %s (T3)', async (end) => {
  const { call, state } = await talking();
  if (end === 'hang up') call.hangUp();
  else Socket.last.onclose({ code: end === 'lost' ? 1006 : 1000, reason: '' });
  expect(steps.filter((step) => step === 'microphone off')).toHaveLength(1);
  expect(steps.filter((step) => step === 'sound off')).toHaveLength(2);
  expect(state()?.phase).toBe(end === 'lost' ? 'failed' : 'ended');
});

it('who hangs up while the dialog is still open never has a call, whatever is chosen then (T3)', async () => {
  const { call } = place();
  call.hangUp();
  decide.grant();
  await settled();
  expect(steps).toEqual(['microphone asked', 'microphone granted', 'microphone off']);
});

it('hangs up by saying so before the line is closed (T1)', async () => {
  const { call } = await talking();
  call.hangUp();
  expect(Socket.last.sent.at(-1)).toEqual({ event: 'hangup-call', disconnectedBy: 'customer' });
  expect(steps.at(-3)).toBe('closed 1000');
});

it('muted it sends silence, in time (T1)', async () => {
  const { call } = await talking();
  call.mute(true);
  Worklet.capture.port.onmessage({ data: new Float32Array(160).fill(0.5) });
  call.mute(false);
  Worklet.capture.port.onmessage({ data: new Float32Array(160).fill(0.5) });
  const [silent, loud] = Socket.last.sent.slice(3).map((frame) => atob(String(frame.payload)));
  expect(silent).toBe('\0'.repeat(320));
  expect(loud).toHaveLength(320);
  expect(loud).not.toBe(silent);
});
