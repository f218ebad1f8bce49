import { expect, it, vi } from 'vitest';

import { GROUPS, isTyped, press, type ANYWHERE } from './shortcuts';

it('does what a key stands for and keeps it from the browser, and leaves every other key alone', () => {
  const acts = { k: vi.fn(), '?': vi.fn() };
  const event = { key: '?', preventDefault: vi.fn() };
  expect(press<typeof ANYWHERE>(event, acts)).toBe(true);
  expect(acts['?']).toHaveBeenCalledOnce();
  expect(event.preventDefault).toHaveBeenCalledOnce();
  expect(press<typeof ANYWHERE>({ key: 'x', preventDefault: event.preventDefault }, acts)).toBe(false);
  expect(press<typeof ANYWHERE>({ key: 'toString', preventDefault: event.preventDefault }, acts)).toBe(false);
  expect(event.preventDefault).toHaveBeenCalledOnce();
});

it('knows a letter with Caps Lock on', () => {
  const acts = { k: vi.fn(), '?': vi.fn() };
  expect(press<typeof ANYWHERE>({ key: 'K', preventDefault: vi.fn() }, acts)).toBe(true);
  expect(acts.k).toHaveBeenCalledOnce();
});

it('knows what is typed into a field', () => {
  expect(isTyped(document.createElement('textarea'))).toBe(true);
  expect(isTyped(document.createElement('button'))).toBe(false);
  expect(isTyped(null)).toBe(false);
});

it('lists no key twice in one place', () => {
  for (const { title, shortcuts } of GROUPS) {
    expect(new Set(shortcuts.map(({ key }) => key)).size, title).toBe(shortcuts.length);
  }
});
