/** Light, dark or the system's choice; comfortable or compact. `public/theme.js` reads the same keys before first paint. */
export type Theme = 'system' | 'light' | 'dark';
export type Density = 'comfortable' | 'compact';

const stored = (key: string) => {
  try {
    return localStorage.getItem(key);
  } catch {
    return null; // Storage may be blocked: the choice then lasts until the tab closes.
  }
};
const keep = (key: string, value: string) => {
  try {
    localStorage.setItem(key, value);
  } catch {
    // As above.
  }
};

export function currentTheme(): Theme {
  const theme = stored('vox_theme');
  return theme === 'light' || theme === 'dark' ? theme : 'system';
}
export const currentDensity = (): Density => (stored('vox_density') === 'compact' ? 'compact' : 'comfortable');

function paint() {
  const theme = currentTheme();
  const dark = theme === 'dark' || (theme === 'system' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.classList.toggle('dark', dark);
  document.documentElement.dataset.density = currentDensity();
}

export function setTheme(theme: Theme) {
  keep('vox_theme', theme);
  paint();
}
export function setDensity(density: Density) {
  keep('vox_density', density);
  paint();
}
export function followSystemTheme() {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', paint);
}
