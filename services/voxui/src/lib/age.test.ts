import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { Ages, type Reading } from './age';
import * as query from './query';
import { live } from './stream';

const START = Date.parse('2026-11-28T14:05:00Z');
const EVERY_MS = 2_000;
const read = (at: number, more: Partial<Reading> = {}): Reading => ({
  dataUpdatedAt: START + at, fetchStatus: 'idle', failureCount: 0, ...more,
}); // prettier-ignore
const READING = { fetchStatus: 'fetching' };
const FAILING = { failureCount: 1 };
let told: { since: number; until: number } | null;
let ages: Ages;
const pass = (ms: number) => vi.advanceTimersByTime(ms);
/** The stream tells since a moment, and spoke last at another. */
const tell = (since: number, until: number) => (told = { since: START + since, until: START + until });

beforeEach(() => {
  vi.useFakeTimers({ now: START });
  told = null;
  vi.spyOn(live, 'told').mockImplementation(() => told);
  ages = new Ages();
});
afterEach(() => {
  ages.forget('a');
  ages.forget('b');
  vi.useRealTimers();
  vi.restoreAllMocks();
});

it('says nothing of a page that shows nothing live, or whose data never came', () => {
  expect(ages.current()).toBeNull();
  ages.report('a', { ...read(0), dataUpdatedAt: 0 }, EVERY_MS);
  expect(ages.current()).toBeNull();
});

it('grows older each second, and old after three periods without an answer', () => {
  ages.report('a', read(0), EVERY_MS);
  pass(6_000);
  expect(ages.current()).toEqual({ at: START, seconds: 6, isOld: false });
  pass(1_000);
  expect(ages.current()).toEqual({ at: START, seconds: 7, isOld: true });
  ages.report('a', read(7_000), EVERY_MS);
  expect(ages.current()).toEqual({ at: START + 7_000, seconds: 0, isOld: false });
});

it('counts the oldest of several, each by its own period', () => {
  ages.report('a', read(0), 15_000);
  ages.report('b', read(0), EVERY_MS);
  pass(10_000);
  ages.report('b', read(10_000), EVERY_MS);
  expect(ages.current()).toEqual({ at: START, seconds: 10, isOld: false });
  pass(7_000);
  expect(ages.current()).toMatchObject({ at: START, isOld: true });
  ages.forget('b');
  expect(ages.current()).toMatchObject({ at: START, isOld: false });
});

it('trusts a stream on which nothing happens, as far as it was heard', () => {
  tell(-100, 0);
  ages.report('a', read(0), EVERY_MS);
  for (let at = 15_000; at <= 300_000; at += 15_000) {
    pass(15_000);
    tell(-100, at);
  }
  pass(3_000);
  expect(ages.current()).toEqual({ at: START + 300_000, seconds: 3, isOld: false });
});

it('takes figures that events tell of late for as old as their last answer', () => {
  tell(-100, 0);
  ages.report('a', read(0), 15_000, Infinity);
  tell(-100, 30_000);
  pass(30_000);
  expect(ages.current()).toEqual({ at: START, seconds: 30, isOld: false });
  pass(16_000);
  expect(ages.current()).toMatchObject({ at: START, isOld: true });
});

it('takes what is asked for some time after an event for that much older than the stream', () => {
  tell(-100, 0);
  ages.report('a', read(0), EVERY_MS, 4_000);
  tell(-100, 3_000);
  pass(3_000);
  expect(ages.current()).toMatchObject({ at: START, isOld: false });
  tell(-100, 20_000);
  pass(17_000);
  expect(ages.current()).toMatchObject({ at: START + 16_000, isOld: false });
});

it('does not take data from before the stream for told', () => {
  ages.report('a', read(0), EVERY_MS);
  tell(500, 20_000);
  pass(26_000);
  expect(ages.current()).toMatchObject({ at: START, isOld: true });
});

it('keeps what it knew while an event is being looked into; one that nobody answers makes the view old', () => {
  tell(-100, 0);
  ages.report('a', read(0), EVERY_MS);
  tell(-100, 15_000);
  pass(15_000);
  ages.report('a', read(0, READING), EVERY_MS);
  expect(ages.current()).toMatchObject({ at: START + 15_000, isOld: false });
  tell(-100, 40_000);
  pass(26_000);
  expect(ages.current()).toMatchObject({ at: START + 15_000, isOld: true });
});

it('is old three periods after what it knew last, once an answer fails, whatever the stream says', () => {
  tell(-100, 0);
  ages.report('a', read(0), EVERY_MS);
  tell(-100, 15_000);
  pass(15_000);
  ages.report('a', read(0, FAILING), EVERY_MS);
  expect(ages.current()).toMatchObject({ at: START + 15_000, isOld: false });
  tell(-100, 22_000);
  pass(7_000);
  expect(ages.current()).toMatchObject({ at: START + 15_000, isOld: true });
});

it('is old three periods after the stream broke, as the view is asked for again by itself', () => {
  tell(-100, 0);
  ages.report('a', read(0), EVERY_MS);
  tell(-100, 15_000);
  pass(15_000);
  told = null;
  pass(6_000);
  expect(ages.current()).toMatchObject({ at: START + 15_000, isOld: false });
  pass(1_000);
  expect(ages.current()).toMatchObject({ at: START + 15_000, isOld: true });
});

it('does not trust a stream that is silent because the computer is offline', () => {
  tell(-100, 0);
  ages.report('a', read(0), EVERY_MS);
  vi.spyOn(query, 'serverAwaySince').mockReturnValue(START);
  pass(7_000);
  expect(ages.current()).toMatchObject({ at: START, isOld: true });
});

it('says at once how old a tab is that was hidden, or a computer that slept', () => {
  ages.report('a', read(0), EVERY_MS);
  vi.setSystemTime(START + 3_600_000);
  document.dispatchEvent(new Event('visibilitychange'));
  expect(ages.current()).toEqual({ at: START, seconds: 3_600, isOld: true });
});

it('forgets what it knew of other data: a filter that was seen before shows its own age', () => {
  ages.report('a', read(0), EVERY_MS);
  ages.report('a', read(-240_000), EVERY_MS);
  expect(ages.current()).toMatchObject({ seconds: 240, isOld: true });
});
