import { describe, expect, it, vi } from 'vitest';

import { brandStyle, contrast, readable } from './brand';
import { readConfig } from './config';

const quiet = () => undefined;

/** Corners of the cube of colours, then colours from all over it, the same ones in every run. */
function colours(count: number): string[] {
  const corners = Array.from({ length: 27 }, (_, at) => [at, at / 3, at / 9].map((part) => (Math.floor(part) % 3) * 127.5)); // prettier-ignore
  let seed = 7;
  const next = () => (seed = (seed * 48_271) % 2_147_483_647) % 256;
  const others = Array.from({ length: count }, () => [next(), next(), next()]);
  return [...corners, ...others].map(
    (rgb) => '#' + rgb.map((part) => Math.floor(part).toString(16).padStart(2, '0')).join(''),
  );
}

describe('the configuration of a console (B1, B2)', () => {
  it('prefers run time to build time to the default', () => {
    const config = readConfig({ brandName: 'Acme' }, { brandName: 'Built', tokenKey: 'built_token' }, quiet);
    expect([config.brandName, config.tokenKey, config.apiUrl]).toEqual(['Acme', 'built_token', '/api/v1']);
  });

  it.each([
    ['primary', 'red;background:url(x)'],
    ['logo', 'http://elsewhere.example/logo.png'],
    ['logo', '//elsewhere.example/logo.png'],
    ['logo', 'true'],
    // The policy of the page would stop these two.
    ['logo', 'https://elsewhere.example/logo.png'],
    ['theme', 'https://elsewhere.example/theme.css'],
    ['theme', '/\\elsewhere.example/theme.css'],
    ['apiUrl', 'https://api.example.com/v2'],
    ['docsUrl', 'javascript:alert(1)'],
  ])('falls back for a bad %s, with one warning that names it', (key, value) => {
    const warn = vi.fn();
    const config = readConfig({ [key]: value }, {}, warn);
    expect(Object.values(config)).not.toContain(value);
    expect(warn).toHaveBeenCalledExactlyOnceWith(expect.stringContaining(key));
  });

  it.each(['apiUrl', 'docsUrl'])('takes a %s of another host, encrypted', (key) => {
    const value = 'https://elsewhere.example/api/v1';
    expect(readConfig({ [key]: value }, {}, quiet)).toMatchObject({ [key]: value });
  });

  const token = (css: string, name: string) =>
    [...css.matchAll(new RegExp(`--${name}:(#[0-9a-f]{6})`, 'g'))].map((match) => match[1] ?? '');
  // What lies under the brand's colour, from styles in index.css.
  const LIGHT = ['#f6f7f9', '#ffffff'];
  const DARK = ['#0c1015', '#141a21', '#1a212a'];

  it('makes every brand colour visible and readable in both themes, on every ground', () => {
    for (const primary of colours(600)) {
      const css = brandStyle(readConfig({ primary }, {}, quiet));
      const [brand, on, text] = [token(css, 'brand'), token(css, 'on-brand'), token(css, 'brand-text')];
      for (const [theme, grounds] of [LIGHT, DARK].entries()) {
        for (const ground of grounds) {
          expect(contrast(brand[theme] ?? '', ground), primary).toBeGreaterThanOrEqual(3);
          expect(contrast(text[theme] ?? '', ground), primary).toBeGreaterThanOrEqual(4.5);
        }
        const best = Math.max(...['#ffffff', '#0b1015'].map((ink) => contrast(ink, brand[theme] ?? '')));
        expect(contrast(on[theme] ?? '', brand[theme] ?? ''), primary).toBe(best);
        expect(best, primary).toBeGreaterThanOrEqual(4.3);
      }
    }
  });

  it('makes a colour visible on the page that the operator chose', () => {
    const pages = colours(200).filter((page) => contrast(page, '#566070') >= 4.5);
    expect(pages.length).toBeGreaterThan(3);
    for (const page of pages) {
      const css = brandStyle(readConfig({ primary: page, background: page }, {}, quiet));
      expect(css).toContain(`--ground:${page}`);
      expect(contrast(token(css, 'brand')[0] ?? '', page), page).toBeGreaterThanOrEqual(3);
    }
  });

  it('leaves a colour alone that can be read already', () => {
    expect(readable('#0f766e', '#f6f7f9', 3)).toBe('#0f766e');
  });
});
