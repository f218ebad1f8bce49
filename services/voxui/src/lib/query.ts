/** The query cache, and one watch over a server that went away: when it answers again, every view asks again. */
import { QueryCache, QueryClient } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';

import { ApiError } from './api';
import { config } from './config';
import { token } from './session';

const RETRY_MS = [1_000, 2_000, 4_000];
const PROBE_MS = 2_000;

let awaySince: number | null = null;
const listeners = new Set<() => void>();

function setAway(since: number | null) {
  awaySince = since;
  for (const tell of listeners) tell();
}

/** Milliseconds since 1970 of the moment when the server was first missed; null while it answers. */
export const serverAwaySince = () => awaySince;

export function useServerAway(): number | null {
  return useSyncExternalStore((tell) => {
    listeners.add(tell);
    return () => listeners.delete(tell);
  }, serverAwaySince);
}

export function createQueryClient(): QueryClient {
  const watch = async () => {
    try {
      const answer = await fetch(`${config.apiUrl}/settings/display`, {
        headers: { Authorization: `Bearer ${token() ?? ''}` },
        cache: 'no-store',
        signal: AbortSignal.timeout(5_000),
      });
      if (answer.status < 500) {
        setAway(null);
        await client.invalidateQueries();
        return;
      }
    } catch {
      // Still away: ask again.
    }
    setTimeout(() => void watch(), PROBE_MS);
  };
  const missed = () => {
    if (awaySince !== null) return;
    setAway(Date.now());
    setTimeout(() => void watch(), PROBE_MS);
  };
  const noticed = (error: unknown) => {
    if (error instanceof ApiError && isServerGone(error)) missed();
  };
  window.addEventListener('offline', missed);
  const client = new QueryClient({
    queryCache: new QueryCache({ onError: noticed }),
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        // Reads only: a write is never repeated by itself.
        retry: (count, error) => {
          noticed(error);
          return error instanceof ApiError && error.isAway && count < RETRY_MS.length;
        },
        retryDelay: (attempt) => RETRY_MS[attempt] ?? 4_000,
        networkMode: 'always',
      },
      mutations: { networkMode: 'always' },
    },
  });
  return client;
}

/** The whole server, not one resource behind it: some 503 and 502 belong to a single answer. */
const isServerGone = (error: ApiError) =>
  error.status === 0 || error.status === 502 || error.status === 504 || error.code === 'store_unavailable';
