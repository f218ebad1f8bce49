import { describe, expect, it } from 'vitest';

import { ago, dateTime, duration, fullTime, milliseconds, phone, plural, readable, words } from './format';

describe('values as people read them', () => {
  it.each([
    [0, '0:00'],
    [41.7, '0:42'],
    [3_599.6, '1:00:00'],
    [null, '–'],
  ])('duration of %s seconds', (seconds, text) => {
    expect(duration(seconds)).toBe(text);
  });

  it.each([
    ['+15550199', '+1 555 0199'],
    ['+919876543210', '+91 987 654 3210'],
    ['+4930123456', '+49 3012 3456'],
    ['+493012345', '+49 301 2345'],
    ['+35312345678', '+353 1234 5678'],
    ['+15550100123', '+1 555 010 0123'],
    ['+2901234', '+290 1234'],
    ['+29012345', '+290 12345'],
    ['08035550199', '0803 555 0199'],
    ['browser', 'browser'],
    ['', '–'],
  ])('number %s', (number, text) => {
    expect(phone(number)).toBe(text);
  });

  it('shows a moment in the display zone, with the year when it is another one', () => {
    const now = Date.parse('2026-11-28T00:00:00Z');
    expect(dateTime('2026-11-28T22:30:00Z', 'Asia/Kolkata', now)).toBe('29 Nov, 04:00');
    expect(dateTime('2025-11-28T22:30:00Z', 'UTC', now)).toBe('28 Nov 2025, 22:30');
    expect(dateTime('2026-11-28T22:30:00Z', 'No/Where', now)).toBe('28 Nov, 22:30');
  });

  it.each([
    ['Asia/Kolkata', '29 November 2026 at 04:00:09 UTC+05:30'],
    ['Europe/Berlin', '28 November 2026 at 23:30:09 UTC+01:00'],
  ])('says the offset of %s, never its name alone', (zone, text) => {
    expect(fullTime('2026-11-28T22:30:09Z', zone)).toBe(text);
  });

  it.each([
    [10, 'just now'],
    [240, '4 min ago'],
    [7_200, '2 h ago'],
    [86_400, 'yesterday'],
    [3 * 86_400, '3 days ago'],
  ])('%s seconds ago', (seconds, text) => {
    expect(ago(new Date(1e12 - seconds * 1_000).toISOString(), 1e12)).toBe(text);
  });

  it('names what it does not know as it is', () => {
    expect(words('some_new_state')).toBe('Some new state');
    expect(milliseconds(1_681)).toBe('1.68 s');
    expect(plural(1, 'call')).toBe('1 call');
  });

  it.each([
    [null, '–'],
    [true, 'Yes'],
    [0.9, '0.9'],
    ['on 5 June', 'on 5 June'],
    [[], '–'],
    [['order', 'refund'], 'order, refund'],
    [{ asked_for: 'callback', certain: false, at: null }, 'Asked for: callback · Certain: No · At: –'],
  ])('puts %j of a record in words', (value, text) => {
    expect(readable(value)).toBe(text);
  });
});
