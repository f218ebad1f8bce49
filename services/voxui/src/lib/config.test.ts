import { describe, expect, it, vi } from 'vitest';

import { brandStyle, contrast, readable, textOn } from './brand';
import { readConfig } from './config';

const quiet = () => undefined;

describe('the configuration of a console (B1, B2)', () => {
  it('prefers run time to build time to the default', () => {
    const config = readConfig({ brandName: 'Acme' }, { brandName: 'Built', tokenKey: 'built_token' }, quiet);
    expect([config.brandName, config.tokenKey, config.apiUrl]).toEqual(['Acme', 'built_token', '/api/v1']);
  });

  it.each([
    ['primary', 'red;background:url(x)'],
    ['logo', 'http://elsewhere.example/logo.png'],
    ['logo', '//elsewhere.example/logo.png'],
    ['apiUrl', 'https://api.example.com/v2'],
    ['docsUrl', 'javascript:alert(1)'],
  ])('falls back for a bad %s, with one warning that names it', (key, value) => {
    const warn = vi.fn();
    const config = readConfig({ [key]: value }, {}, warn);
    expect(Object.values(config)).not.toContain(value);
    expect(warn).toHaveBeenCalledExactlyOnceWith(expect.stringContaining(key));
  });

  it.each(['#ffee00', '#000000', '#ffffff', '#0f766e', '#7f7f7f'])(
    'makes the brand colour %s readable in both themes',
    (primary) => {
      const css = brandStyle(readConfig({ primary }, {}, quiet));
      const [light, dark] = [...css.matchAll(/--brand-text:(#[0-9a-f]{6})/g)].map((match) => match[1] ?? '');
      expect(contrast(light ?? '', '#f6f7f9')).toBeGreaterThanOrEqual(4.5);
      expect(contrast(dark ?? '', '#0c1015')).toBeGreaterThanOrEqual(4.5);
      expect(contrast(textOn(primary), primary)).toBeGreaterThanOrEqual(4.5);
    },
  );

  it('leaves a colour alone that can be read already', () => {
    expect(readable('#0f766e', '#f6f7f9', 3)).toBe('#0f766e');
  });
});
