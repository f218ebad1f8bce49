import { afterEach, describe, expect, it, vi } from 'vitest';

import type { User } from '@/generated';

import { ApiError, secondsOf, toApiError } from './api';
import { may, mayChange, mayDelete, ROLE_NEEDED, rolesToGive, rank, type Action, type Role } from './permissions';
import { expiresAt, leave, safeNext } from './session';

const user = (role: Role, id: string = role) => ({ role, user_id: id }) as User;

describe('a session', () => {
  it.each(['https://elsewhere.example', '//elsewhere.example', '/\\elsewhere.example', '/login?next=/', 5, undefined])(
    'never leads away: %s',
    (next) => {
      expect(safeNext(next)).toBe('/');
    },
  );

  it('leads back to a page of the console', () => {
    expect(safeNext('/dashboard/calls?status=failed')).toBe('/dashboard/calls?status=failed');
  });

  it('reads when a token ends, and nothing from what is no token', () => {
    expect(expiresAt(`x.${btoa(JSON.stringify({ exp: 1_700_000_000 }))}.y`)).toBe(1_700_000_000_000);
    expect(expiresAt('nonsense')).toBeNull();
  });
});

describe('permissions', () => {
  it.each<[Role, Action[]]>([
    ['agent', ['profile']],
    ['supervisor', ['profile']],
    ['admin', ['overview', 'bots', 'calls', 'campaigns', 'dnc', 'fleet', 'carriers', 'users', 'apiKeys', 'profile']],
    ['super_admin', Object.keys(ROLE_NEEDED) as Action[]],
  ])('%s may do this and no more', (role, allowed) => {
    expect((Object.keys(ROLE_NEEDED) as Action[]).filter((action) => may(user(role), action))).toEqual(allowed);
  });

  it('gives a role that this console does not know nothing at all', () => {
    expect(may({ role: 'janitor' } as unknown as User, 'profile')).toBe(false);
  });

  it('lets people change lower ranks only, super admins anybody, nobody themselves', () => {
    expect(mayChange(user('admin'), user('supervisor'))).toBe(true);
    expect(mayChange(user('admin'), user('admin', 'other'))).toBe(false);
    expect(mayChange(user('super_admin'), user('super_admin', 'other'))).toBe(true);
    expect(mayChange(user('super_admin'), user('super_admin'))).toBe(false);
    expect(mayDelete(user('admin'), user('agent'))).toBe(false);
    expect(rolesToGive(user('admin'))).toEqual(['agent', 'supervisor', 'admin']);
    expect(rank('janitor')).toBe(-1);
  });
});

describe('an error of the API', () => {
  it('carries code, message, request id and the wait', () => {
    const response = new Response(null, { status: 429, headers: { 'Retry-After': '7' } });
    const error = toApiError({ error: 'rate_limited', message: 'Slow down.', request_id: 'r1' }, response);
    expect(error).toMatchObject({
      status: 429,
      code: 'rate_limited',
      message: 'Slow down.',
      requestId: 'r1',
      retryAfterS: 7,
    });
    expect(error.waitUntil).toBeGreaterThan(Date.now() + 6_000);
  });

  it('reads a wait in seconds, and as the date that a proxy writes', () => {
    expect(secondsOf('7')).toBe(7);
    expect(secondsOf(new Date(Date.now() + 90_000).toUTCString())).toBeCloseTo(90, -1);
    expect([null, '', 'soon', '0', new Date(0).toUTCString()].map(secondsOf)).toEqual([0, 0, 0, 0, 0]);
  });

  it('names no wait when the server is not asked too often but does not work', () => {
    expect(new ApiError(503, 'no_capacity', 'Full.', '', null, 1).waitUntil).toBe(0);
  });

  it('says where fields were refused, without the name of the body', () => {
    const detail = [{ loc: ['body', 'stt', 'model'], msg: 'Value error, too long' }];
    expect(new ApiError(422, 'validation_failed', '', '', detail).fields).toEqual([
      { loc: ['stt', 'model'], msg: 'too long' },
    ]);
  });

  it('without an answer means that the server is away', () => {
    expect(toApiError(new TypeError('fetch failed'), undefined)).toMatchObject({ status: 0, isAway: true });
  });
});

describe('the end of a session', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    window.dispatchEvent(new Event('pageshow'));
  });

  it('asks for the sign-in once, however many requests were refused, and again on a page that came back', () => {
    const assign = vi.fn();
    vi.stubGlobal('location', { pathname: '/dashboard/calls', search: '?status=failed', assign });
    leave('expired');
    leave('expired');
    expect(assign.mock.calls).toEqual([['/login?next=%2Fdashboard%2Fcalls%3Fstatus%3Dfailed']]);
    window.dispatchEvent(new Event('pageshow'));
    leave('signed-out');
    expect(assign).toHaveBeenLastCalledWith('/login');
  });
});
