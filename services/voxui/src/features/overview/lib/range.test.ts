import { expect, it } from 'vitest';

import { askedOf, changeOf, csvOf, firstTen, readOverviewSearch } from './range';

const NOW = Date.parse('2026-11-28T20:00:00Z');

it('asks for days of the display zone: in Kolkata it is tomorrow already', () => {
  expect(askedOf({}, 'UTC', NOW)).toEqual({ from: '2026-11-28', to: '2026-11-28', interval: 'hour' });
  expect(askedOf({}, 'Asia/Kolkata', NOW)).toMatchObject({ from: '2026-11-29' });
  expect(askedOf({ range: '7d' }, 'UTC', NOW)).toMatchObject({ from: '2026-11-22', to: '2026-11-28', interval: 'day' });
  expect(askedOf({ range: '30d', bot_id: 'b' }, 'UTC', NOW)).toMatchObject({ from: '2026-10-30', bot_id: 'b' });
});

it('says why days cannot be asked for', () => {
  const custom = (from: string, to: string) => askedOf({ range: 'custom', from, to }, 'UTC', NOW);
  expect(custom('2026-11-28', '2026-11-27')).toMatch(/before/);
  expect(custom('2026-08-28', '2026-11-28')).toMatch(/at most 92/);
  expect(custom('2026-08-29', '2026-11-28')).toMatchObject({ interval: 'day' });
  expect(custom('2026-11-27', '2026-11-28')).toMatchObject({ interval: 'hour' });
});

it('drops what does not fit of an address', () => {
  expect(readOverviewSearch({ range: 'year', from: 7, bot_id: 'b', x: 1 })).toEqual({ bot_id: 'b' });
});

it.each([
  [110, 100, 'amount', 'neither', { text: '+10 %', tone: 'neutral' }],
  [90, 100, 'amount', 'more', { text: '−10 %', tone: 'worse' }],
  [700, 1000, 'amount', 'less', { text: '−30 %', tone: 'better' }],
  [0.61, 0.6, 'share', 'more', { text: '+1 point', tone: 'better' }],
  [0.3, 0.6, 'share', 'more', { text: '−30 points', tone: 'worse' }],
  [100, 100, 'amount', 'more', { text: 'unchanged', tone: 'neutral' }],
  [5, 0, 'amount', 'more', null],
  [null, 5, 'amount', 'more', null],
] as const)('compares %s with %s', (now, before, kind, sense, expected) => {
  expect(changeOf(now, before, kind, sense)).toEqual(expected);
});

it('shows eleven as they are, and of twelve the first ten with a rest', () => {
  const items = (count: number) => Array.from({ length: count }, (_, at) => ({ count: 100 - at, share: 0 }));
  expect(firstTen(items(11))).toMatchObject({ rest: 0 });
  expect(firstTen(items(11)).shown).toHaveLength(11);
  expect(firstTen(items(12))).toMatchObject({ rest: 90 + 89 });
});

it('writes cells that no spreadsheet takes for a formula', () => {
  expect(
    csvOf(
      ['name', 'n'],
      [
        ['=1+1', 2],
        ['a "b", c', null],
      ],
    ),
  ).toBe('name,n\r\n\'=1+1,2\r\n"a ""b"", c",\r\n');
});
