/** How lists are sorted and turned over, as addresses say it: an order is a field of the API, `-field` the same from the end. */

/** Rows of a page of any list. */
export const PAGE_SIZE = 50;

/** What a list's API offers; the first is how the list comes. */
export type Orders = readonly [string, ...string[]];

/** The order that an address names; undefined: as the list comes. */
export const readOrder = (orders: Orders, value: unknown): string | undefined =>
  typeof value === 'string' && orders.indexOf(value) > 0 ? value : undefined;

export const fieldOf = (order: string) => order.replace(/^-/, '');

export const directionOf = (order: string) => (order.startsWith('-') ? 'descending' : 'ascending');

/** An order in words: "Created, newest first". */
export function orderText(header: string, order: string): string {
  const direction = directionOf(order);
  if (!/(^-?|_)at$/.test(order)) return `${header}, ${direction}`;
  return `${header}, ${direction === 'descending' ? 'newest' : 'oldest'} first`;
}

/** What a press on the header of a field leads to: its orders one after the other, then the list as it comes. */
export function nextOrder(orders: Orders, order: string | undefined, field: string): string | undefined {
  const own = orders.filter((one) => fieldOf(one) === field);
  return readOrder(orders, own[own.indexOf(order ?? orders[0]) + 1]);
}

/** The page that an address names; undefined: the first. */
export function readPage(value: unknown): number | undefined {
  const page = Number(value);
  return Number.isInteger(page) && page > 1 ? page : undefined;
}
