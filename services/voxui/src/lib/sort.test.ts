import { expect, it } from 'vitest';

import { nextOrder, orderText, readOrder, readPage } from './sort';

const ORDERS = ['-created_at', 'created_at', '-duration', 'name', '-name'] as const;

it('reads an order of the list, and drops what it does not offer or comes by itself', () => {
  expect(readOrder(ORDERS, 'name')).toBe('name');
  expect(readOrder(ORDERS, '-created_at')).toBeUndefined();
  expect(readOrder(ORDERS, 'duration')).toBeUndefined();
  expect(readOrder(ORDERS, 7)).toBeUndefined();
});

it('goes through the orders of a field, then back to how the list comes', () => {
  const presses = (field: string, first: string | undefined) => {
    const second = nextOrder(ORDERS, first, field);
    return [first, second, nextOrder(ORDERS, second, field)];
  };
  expect(presses('created_at', undefined)).toEqual([undefined, 'created_at', undefined]);
  expect(presses('name', 'name')).toEqual(['name', '-name', undefined]);
  expect(nextOrder(ORDERS, undefined, 'duration')).toBe('-duration');
  expect(nextOrder(ORDERS, '-duration', 'duration')).toBeUndefined();
});

it('says an order in words', () => {
  expect(orderText('When', '-at')).toBe('When, newest first');
  expect(orderText('Created', 'created_at')).toBe('Created, oldest first');
  expect(orderText('Format', '-format')).toBe('Format, descending');
});

it.each([
  ['2', 2],
  [1, undefined],
  ['-3', undefined],
  ['1.5', undefined],
  [undefined, undefined],
])('reads page %s of an address as %s', (value, page) => {
  expect(readPage(value)).toBe(page);
});
