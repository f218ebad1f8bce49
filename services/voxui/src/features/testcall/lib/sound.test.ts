import { describe, expect, it } from 'vitest';

import { decodeAudio, encodeAudio, openingFrames, readFrame } from './frames';
import { PlayQueue, START_SAMPLES } from './play-queue';
import { refusedTrouble, socketTrouble, type Fleet } from './problems';
import { Reaction } from './reaction';
import { CALL_RATE, Downsampler } from './resample';

const tone = (hz: number, rate: number) =>
  Float32Array.from({ length: rate }, (_, at) => Math.sin((2 * Math.PI * hz * at) / rate));
/** In blocks of 128 as a worklet gets them; without the ends, where the filter starts. */
function through(input: Float32Array, rate: number): Float32Array {
  const sampler = new Downsampler(rate);
  const out: number[] = [];
  for (let at = 0; at < input.length; at += 128) out.push(...sampler.push(input.subarray(at, at + 128)));
  return Float32Array.from(out).subarray(400, -400);
}
const rms = (values: Float32Array) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
const decibels = (values: Float32Array) => 20 * Math.log10(rms(values) / Math.SQRT1_2);

describe.each([48_000, 44_100, 16_000])('a microphone of %s Hz at 8 kHz', (rate) => {
  it('keeps a tone of speech as it is', () => {
    expect(Math.abs(decibels(through(tone(1_000, rate), rate)))).toBeLessThan(0.2);
    expect(Math.abs(decibels(through(tone(3_000, rate), rate)))).toBeLessThan(1);
  });

  it('has lost what would come back as a false tone, by 40 dB', () => {
    expect(decibels(through(tone(5_000, rate), rate))).toBeLessThan(-40);
    expect(decibels(through(tone(7_000, rate), rate))).toBeLessThan(-40);
  });

  it('gives 8,000 values a second, whatever the block size', () => {
    const sampler = new Downsampler(rate);
    let count = 0;
    for (let block = 0; block < 100; block += 1) count += sampler.push(new Float32Array(rate / 100)).length;
    expect(Math.abs(count - CALL_RATE)).toBeLessThan(80);
  });
});

describe('frames', () => {
  it('carry sound there and back within a step of 16 bit', () => {
    const samples = Float32Array.from([0, 0.5, -0.5, 1, -1, 2]);
    const back = decodeAudio(encodeAudio(samples));
    expect(back.length).toBe(6);
    [0, 0.5, -0.5, 1, -1, 1].forEach((value, at) => {
      expect(back[at]).toBeCloseTo(value, 3);
    });
  });

  it('begin a call in the order of the protocol, with the context of the platform', () => {
    const frames = openingFrames('browser-1', 'ctx');
    expect(frames.map((frame) => frame.event)).toEqual(['connected', 'start', 'answer']);
    expect(frames[0]).toMatchObject({ _context: 'ctx', callerId: 'browser', streamId: 'browser-1' });
  });

  it.each(['{', '{"event":"from the future"}', '[]'])('that nobody knows are ignored: %s', (text) => {
    expect(readFrame(text)).toEqual({ event: 'other' });
  });
});

describe('the play queue', () => {
  const block = () => new Float32Array(128);

  it('waits for 60 ms, then plays without a gap', () => {
    const queue = new PlayQueue();
    queue.add(new Float32Array(160).fill(0.5));
    expect(queue.fill(block())).toBe(0);
    queue.add(new Float32Array(START_SAMPLES).fill(0.5));
    expect(queue.fill(block())).toBe(0.5);
  });

  it('plays a short last word although no more comes', () => {
    const queue = new PlayQueue();
    queue.add(new Float32Array(160).fill(0.5));
    const peaks = Array.from({ length: 12 }, () => queue.fill(block()));
    expect(peaks.filter((peak) => peak > 0)).toHaveLength(2);
    expect(queue.playing).toBe(false);
  });

  it('is silent at once when it is emptied', () => {
    const queue = new PlayQueue();
    queue.add(new Float32Array(8_000).fill(0.5));
    queue.fill(block());
    queue.clear();
    expect(queue.fill(block())).toBe(0);
  });
});

describe('the reaction of the bot', () => {
  it('is the pause from the last word to the first sound, once a turn', () => {
    const reaction = new Reaction();
    reaction.heardBot(0);
    expect(reaction.last).toBeNull();
    reaction.heardCustomer(0.3, 5_000);
    reaction.heardCustomer(0.001, 5_500);
    reaction.heardBot(5_700);
    reaction.heardBot(5_800);
    expect(reaction.last).toBe(700);
  });
});

describe('a socket that closed', () => {
  it.each([
    [1000, null],
    [1008, 'The worker refused the call'],
    [1011, 'The worker had an error'],
    [1013, 'The worker is busy'],
    [1006, 'The connection was lost'],
  ])('with code %s says what happened', (code, title) => {
    expect(socketTrouble(code, '')?.title ?? null).toBe(title);
  });
});

describe('a socket that never opened', () => {
  it.each([
    ['every seat has a call', { total_capacity: 4, active_calls: 4 }, 'All 4 seats are busy'],
    [
      'one still saves its result',
      { total_capacity: 2, active_calls: 1, seats: [{ state: 'wrapping' }] },
      'All 2 seats are busy',
    ],
    ['a seat has none', { total_capacity: 4, active_calls: 3 }, 'Worker unreachable at host:8001'],
    ['there are no seats', { total_capacity: 0, active_calls: 0 }, 'Worker unreachable at host:8001'],
    ['the fleet does not answer', null, 'Worker unreachable at host:8001'],
  ])('is explained by the fleet: %s', (_, fleet, title) => {
    expect(refusedTrouble(fleet as Fleet, 'ws://host:8001/ws/demo').title).toBe(title);
  });
});
