/** A6: the theme is there before anything is drawn, and both who set it agree: the script of the page and the console. */
import { readFileSync } from 'node:fs';

import { afterEach, expect, it, vi } from 'vitest';

import { currentTheme, followSystemTheme, setDensity, setTheme, type Theme } from './theme';

const BEFORE_PAINT = readFileSync('public/theme.js', 'utf8');
const root = document.documentElement;

const matchMedia = window.matchMedia;
afterEach(() => {
  window.matchMedia = matchMedia;
  vi.restoreAllMocks();
});

let tellChange: () => void = () => undefined;
function system(isDark: boolean) {
  window.matchMedia = () =>
    ({
      matches: isDark,
      addEventListener: (_: string, listener: () => void) => {
        tellChange = listener;
      },
    }) as never;
}

/** What the page's script makes of a choice, in a page that was just opened. */
function opened() {
  root.className = '';
  delete root.dataset.density;
  // As the browser runs it: in the global scope, before the bundle.
  (0, eval)(BEFORE_PAINT);
  return { dark: root.classList.contains('dark'), density: root.dataset.density };
}

it.each<[Theme, boolean, boolean]>([
  ['system', false, false],
  ['system', true, true],
  ['light', true, false],
  ['dark', false, true],
])('%s, where the system is dark: %s', (theme, isDark, shown) => {
  system(isDark);
  setTheme(theme);
  expect(root.classList.contains('dark')).toBe(shown);
  expect(opened().dark).toBe(shown);
  expect(currentTheme()).toBe(theme);
});

it('the density is kept too', () => {
  system(false);
  setDensity('compact');
  expect(root.dataset.density).toBe('compact');
  expect(opened().density).toBe('compact');
});

it('follows the system while it is open', () => {
  system(false);
  setTheme('system');
  followSystemTheme();
  system(true);
  tellChange();
  expect(root.classList.contains('dark')).toBe(true);
});

it('follows the system where the browser keeps nothing', () => {
  system(true);
  vi.spyOn(Storage.prototype, 'getItem').mockImplementation(() => {
    throw new DOMException('', 'SecurityError');
  });
  expect(opened()).toEqual({ dark: true, density: 'comfortable' });
  expect(currentTheme()).toBe('system');
});

it('stands in the page before its script and its styles', () => {
  const page = readFileSync('index.html', 'utf8');
  expect(page.indexOf('/theme.js')).toBeGreaterThan(0);
  expect(page.indexOf('/theme.js')).toBeLessThan(page.indexOf('type="module"'));
  expect(/<script src="\/theme\.js"[^>]*(defer|async)/.test(page)).toBe(false);
});
