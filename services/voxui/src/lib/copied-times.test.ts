import { afterEach, beforeAll, expect, it, vi } from 'vitest';

import { copyTimesInUtc } from './copied-times';

beforeAll(copyTimesInUtc);
afterEach(() => {
  document.body.innerHTML = '';
});

/** Shows it, selects from one text to another, and gives what a copy puts on the clipboard; null: what is shown. */
function copied(html: string, from: [string, number], to: [string, number]): string | null {
  document.body.innerHTML = html;
  const textOf = (id: string) => document.getElementById(id)!.firstChild!;
  getSelection()!.setBaseAndExtent(textOf(from[0]), from[1], textOf(to[0]), to[1]);
  const setData = vi.fn();
  const event = Object.assign(new Event('copy', { bubbles: true, cancelable: true }), { clipboardData: { setData } });
  document.body.dispatchEvent(event);
  expect(event.defaultPrevented).toBe(setData.mock.calls.length === 1);
  return (setData.mock.calls[0]?.[1] as string | undefined) ?? null;
}

const BERLIN = '<time id="t" datetime="2026-11-28T06:25:23+01:00">28 Nov, 06:25</time>';
const TWO = `<p><b id="a">From </b>${BERLIN}<i> to </i><time datetime="2026-11-28T05:30:00Z">28 Nov, 06:25</time><b id="z">, all</b></p>`;

it('copies a time in UTC, whole, however much of it was selected', () => {
  expect(copied(BERLIN, ['t', 0], ['t', 13])).toBe('2026-11-28T05:25:23.000Z');
  expect(copied(BERLIN, ['t', 3], ['t', 6])).toBe('2026-11-28T05:25:23.000Z');
});

it('copies the text around times as it stands, also when two of them look the same', () => {
  expect(copied(TWO, ['a', 0], ['z', 1])).toBe('From 2026-11-28T05:25:23.000Z to 2026-11-28T05:30:00.000Z,');
});

it('does not take along a time before which the selection ends', () => {
  expect(copied(`<p id="p">Times</p>${BERLIN}`, ['p', 0], ['t', 0])).toBe('Times');
});

it('leaves a copy of anything else to the browser', () => {
  expect(copied(TWO, ['z', 0], ['z', 4])).toBeNull();
});
