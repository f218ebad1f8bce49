/** Small hooks that several screens share. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useDeferredValue, useEffect, useState, useSyncExternalStore } from 'react';

import { authMe, settingsDisplay } from '@/generated';

import { ApiError, data } from './api';
import { token } from './session';

export const meQuery = {
  queryKey: ['me'],
  queryFn: () => data(authMe()),
  staleTime: 60_000,
} as const;

export const displayQuery = {
  queryKey: ['settings', 'display'],
  queryFn: () => data(settingsDisplay()),
  staleTime: 60_000,
} as const;

export const useMe = () => useQuery({ ...meQuery, enabled: token() !== null });
export const useDisplay = () => useQuery(displayQuery);

/** The zone that every time on a screen is shown in. */
export const useZone = () => useDisplay().data?.display_timezone ?? 'UTC';

/** One timer for all that is renewed at the same pace: a list of fifty times is drawn once, not fifty times. */
const paces = new Map<number, { watchers: Set<(now: number) => void>; timer: ReturnType<typeof setInterval> }>();

function onPace(everyMs: number, tell: (now: number) => void): () => void {
  const known = paces.get(everyMs);
  const watchers = known?.watchers ?? new Set();
  watchers.add(tell);
  if (!known) {
    const timer = setInterval(() => {
      const now = Date.now();
      for (const one of watchers) one(now);
    }, everyMs);
    paces.set(everyMs, { watchers, timer });
  }
  return () => {
    watchers.delete(tell);
    if (watchers.size > 0) return;
    clearInterval(paces.get(everyMs)?.timer);
    paces.delete(everyMs);
  };
}

/** The time, renewed every `everyMs`: relative times age by themselves. */
export function useNow(everyMs = 30_000): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => onPace(everyMs, setNow), [everyMs]);
  return now;
}

/** Whole seconds until what failed may be tried again, counted down; 0: at once. */
export function useWaitS(error: unknown): number {
  const until = error instanceof ApiError ? error.waitUntil : 0;
  const subscribe = useCallback(
    (tell: () => void) => {
      if (until <= Date.now()) return () => undefined;
      const timer = setInterval(() => {
        tell();
        if (until <= Date.now()) clearInterval(timer);
      }, 250);
      return () => {
        clearInterval(timer);
      };
    },
    [until],
  );
  return useSyncExternalStore(subscribe, () => Math.max(0, Math.ceil((until - Date.now()) / 1_000)));
}

export function useMedia(query: string): boolean {
  const [matches, setMatches] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const list = matchMedia(query);
    const update = () => {
      setMatches(list.matches);
    };
    update();
    list.addEventListener('change', update);
    return () => {
      list.removeEventListener('change', update);
    };
  }, [query]);
  return matches;
}

/** A value that follows typing after a pause. */
export function useSettled<T>(value: T, afterMs = 300): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => {
      setSettled(value);
    }, afterMs);
    return () => {
      clearTimeout(timer);
    };
  }, [value, afterMs]);
  return settled;
}

/** The text of a search field over a value of the address: typing moves the address, and the address the text. */
export function useTyped(value: string, onSettled: (value: string) => void): [string, (text: string) => void] {
  const [text, setText] = useState(value);
  const [seen, setSeen] = useState(value);
  const settled = useSettled(text.trim());
  if (seen !== value) {
    setSeen(value);
    if (value !== settled) setText(value); // moved by a link or by "Clear", not by this field
  }
  useEffect(() => {
    if (settled !== value) onSettled(settled);
  }, [settled]); // eslint-disable-line react-hooks/exhaustive-deps -- only what was typed moves the address
  return [text, setText];
}

/** The first of many, and all of them once the first are on the screen: a long list does not hold up what was pressed. */
export function useInParts<T>(all: T[], first: number): T[] {
  const isWhole = useDeferredValue(true, all.length <= first);
  return isWhole ? all : all.slice(0, first);
}

export function usePageTitle(title: string, brand: string) {
  useEffect(() => {
    document.title = `${title} · ${brand}`;
  }, [title, brand]);
}

/** Whether this computer has a network, as the browser tells. */
export function useOnline(): boolean {
  return useSyncExternalStore(
    (tell) => {
      window.addEventListener('online', tell);
      window.addEventListener('offline', tell);
      return () => {
        window.removeEventListener('online', tell);
        window.removeEventListener('offline', tell);
      };
    },
    () => navigator.onLine,
  );
}

/** Makes a change and renews what is shown under the first part of a query's key, also when the change was refused. */
export function useRenewed(key: string) {
  const queries = useQueryClient();
  return async <T>(change: Promise<T>): Promise<T> => {
    try {
      return await change;
    } finally {
      await queries.invalidateQueries({ queryKey: [key] });
    }
  };
}
