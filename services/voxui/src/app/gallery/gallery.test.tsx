/** The gallery is where every shared part is looked at in all its states: what is missing there is looked at by nobody. */
import { screen } from '@testing-library/react';
import { expect, it } from 'vitest';

import { renderPage } from '@/test/render';

import Gallery from './page';
import { PARTS } from './parts';

const modules = import.meta.glob<Record<string, unknown>>(['/src/components/*.tsx', '!/src/components/*.test.tsx'], {
  eager: true,
});
const exported = Object.values(modules)
  .flatMap((module) => Object.entries(module))
  .filter(([name, value]) => typeof value === 'function' && /^[A-Z][a-z]/.test(name))
  .map(([name]) => name);

it('shows every shared part, and none that is gone', () => {
  expect(exported.length).toBeGreaterThan(40);
  expect(Object.keys(PARTS).sort()).toEqual(exported.sort());
});

it('draws each part in at least one state', async () => {
  renderPage(<Gallery />);
  for (const part of Object.keys(PARTS)) {
    expect(await screen.findByRole('region', { name: part })).toBeInTheDocument();
    expect(Object.keys(PARTS[part] ?? {})).not.toHaveLength(0);
  }
});
