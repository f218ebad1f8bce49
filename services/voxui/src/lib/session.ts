/** The token of the signed-in person. Never in an address; gone with the sign-out. */
import { config } from './config';

let memory: string | null = null; // where storage is blocked, the session lasts as long as the page

export function token(): string | null {
  try {
    return localStorage.getItem(config.tokenKey) ?? memory;
  } catch {
    return memory;
  }
}

export function setToken(value: string | null) {
  memory = value;
  try {
    if (value === null) localStorage.removeItem(config.tokenKey);
    else localStorage.setItem(config.tokenKey, value);
  } catch {
    // As above.
  }
  window.dispatchEvent(new Event('vox:token'));
}

function claimsOf(jwt: string | null): { exp?: unknown; sub?: unknown } {
  try {
    const body = jwt?.split('.')[1];
    return body ? (JSON.parse(atob(body.replaceAll('-', '+').replaceAll('_', '/'))) as object) : {};
  } catch {
    return {};
  }
}

/** End of the session in milliseconds since 1970, as the token says; null when there is none or it cannot be read. */
export function expiresAt(jwt: string | null): number | null {
  const { exp } = claimsOf(jwt);
  return typeof exp === 'number' ? exp * 1000 : null;
}

/** Who is signed in, as the token says; empty when there is none. */
export function personOf(jwt: string | null): string {
  const { sub } = claimsOf(jwt);
  return typeof sub === 'string' ? sub : '';
}

/** A path of this console to go to after the sign-in; anything else becomes "/". */
export function safeNext(next: unknown): string {
  if (typeof next !== 'string' || !/^\/(?![/\\])/.test(next) || next.startsWith('/login')) return '/';
  return next;
}

let isLeaving = false; // until the page that is asked for takes the place of this one; "Back" may bring this one again
window.addEventListener('pageshow', () => {
  isLeaving = false;
});

/**
 * A full page load, so that nothing of the ended session stays in memory. Once: of several requests that were refused
 * at a time, each would break off the load that the one before has begun.
 */
export function leave(reason: 'expired' | 'signed-out') {
  setToken(null);
  if (isLeaving) return;
  const here = location.pathname + location.search;
  const next = reason === 'expired' && here !== '/' ? `?next=${encodeURIComponent(here)}` : '';
  if (location.pathname === '/login') return;
  isLeaving = true;
  location.assign(`/login${next}`);
}
