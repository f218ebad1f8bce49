/** Colours of a brand, mended until they can be read. */
import type { ConsoleConfig } from './config';

type Rgb = [number, number, number];

const parse = (hex: string): Rgb => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) as Rgb;
const format = (rgb: Rgb) => '#' + rgb.map((part) => Math.round(part).toString(16).padStart(2, '0')).join('');

function luminance(rgb: Rgb): number {
  const [r, g, b] = rgb.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as Rgb;
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** WCAG contrast of two `#rrggbb` colours, 1 to 21. */
export function contrast(one: string, other: string): number {
  const [light, dark] = [luminance(parse(one)), luminance(parse(other))].sort((a, b) => b - a) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

/** Black or white, whichever reads better on this colour. */
export const textOn = (colour: string) =>
  contrast(colour, '#ffffff') >= contrast(colour, '#0b1015') ? '#ffffff' : '#0b1015';

/** The colour itself when it has that contrast to the background, else mixed towards black or white until it has. */
export function readable(colour: string, background: string, wanted: number): string {
  const target: Rgb = luminance(parse(background)) > 0.5 ? [0, 0, 0] : [255, 255, 255];
  const start = parse(colour);
  for (let step = 0; step <= 20; step += 1) {
    const mixed = format(start.map((part, at) => part + ((target[at] ?? 0) - part) * (step / 20)) as Rgb);
    if (contrast(mixed, background) >= wanted) return mixed;
  }
  return format(target);
}

// What the brand's colour is hardest to see on: the page in the light, what is raised above it in the dark.
const GROUNDS = { ':root': '#f6f7f9', '.dark': '#1a212a' } as const;
const MUTED = '#566070';

/** A style sheet that sets the tokens of the configured colours; "" when nothing is configured. */
export function brandStyle(config: ConsoleConfig): string {
  const rules: string[] = [];
  // A page on which its own small print could not be read is none.
  const page = config.background && contrast(config.background, MUTED) >= 4.5 ? config.background : '';
  for (const [selector, built] of Object.entries(GROUNDS)) {
    const tokens: string[] = [];
    const ground = selector === ':root' && page ? page : built;
    if (config.primary) {
      const primary = readable(config.primary, ground, 3);
      tokens.push(`--brand:${primary}`, `--on-brand:${textOn(primary)}`);
      tokens.push(`--brand-text:${readable(config.primary, ground, 4.9)}`);
      tokens.push(`--brand-soft:color-mix(in srgb, ${primary} 14%, var(--surface))`);
    }
    if (config.primarySoft && selector === ':root') tokens.push(`--brand-soft:${config.primarySoft}`);
    if (page && selector === ':root') tokens.push(`--ground:${page}`);
    if (config.aurora1) tokens.push(`--aurora-1:${config.aurora1}`);
    if (config.aurora2) tokens.push(`--aurora-2:${config.aurora2}`);
    if (tokens.length > 0) rules.push(`${selector}{${tokens.join(';')}}`);
  }
  return rules.join('\n');
}

/** Once, before the first screen: tokens, the operator's own style sheet, the page's title. */
export function applyBrand(config: ConsoleConfig): void {
  const css = brandStyle(config);
  if (css) {
    const style = document.createElement('style');
    style.textContent = css;
    document.head.append(style);
  }
  if (config.theme) {
    const link = document.createElement('link');
    link.rel = 'stylesheet';
    link.href = config.theme;
    document.head.append(link);
  }
  document.title = config.brandName;
}
