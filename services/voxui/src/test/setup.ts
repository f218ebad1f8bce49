import '@testing-library/jest-dom/vitest';

import { cleanup, configure } from '@testing-library/react';
import { afterAll, afterEach, beforeAll } from 'vitest';

import { client } from '@/generated/client.gen';
import { setUpClient } from '@/lib/api';

import { server } from './server';

// A busy machine is slow; what never comes fails all the same.
configure({ asyncUtilTimeout: 5_000 });

// What jsdom lacks and our parts ask for.
window.matchMedia = (query) =>
  ({
    matches: query.includes('min-width'),
    media: query,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  }) as unknown as MediaQueryList;
globalThis.ResizeObserver = class {
  observe() {}
  unobserve() {}
  disconnect() {}
};
Element.prototype.scrollTo = () => undefined;
Element.prototype.hasPointerCapture = () => false;
Element.prototype.scrollIntoView = () => undefined;
document.elementsFromPoint = () => [];

beforeAll(() => {
  setUpClient();
  // Node's fetch takes whole addresses only.
  client.setConfig({ baseUrl: 'http://localhost' });
  server.listen({ onUnhandledRequest: 'error' });
});
afterEach(() => {
  cleanup();
  server.resetHandlers();
  localStorage.clear();
  sessionStorage.clear();
});
afterAll(() => {
  server.close();
});
