import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, renderHook } from '@testing-library/react';
import { createElement, type ReactNode } from 'react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { useRenewed, useTyped } from './hooks';

describe('the text of a search field', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  const field = (value: string) => {
    const onSettled = vi.fn();
    const hook = renderHook(({ value }) => useTyped(value, onSettled), { initialProps: { value } });
    const type = (text: string) => {
      act(() => {
        hook.result.current[1](text);
      });
    };
    const wait = (ms: number) => {
      act(() => {
        vi.advanceTimersByTime(ms);
      });
    };
    return { hook, onSettled, type, wait };
  };

  it('moves the address once, after the last letter', () => {
    const { onSettled, type, wait } = field('');
    type('d');
    wait(200);
    type('desk ');
    wait(299);
    expect(onSettled).not.toHaveBeenCalled();
    wait(1);
    expect(onSettled).toHaveBeenCalledExactlyOnceWith('desk');
  });

  it('follows an address that something else moved: it never names a filter that does not count', () => {
    const { hook, onSettled, wait } = field('desk');
    hook.rerender({ value: '' });
    expect(hook.result.current[0]).toBe('');
    wait(1_000);
    expect(onSettled).not.toHaveBeenCalled();
  });

  it('keeps what is being typed while the address takes the letters before', () => {
    const { hook, type, wait } = field('');
    type('d');
    wait(300);
    type('desk');
    hook.rerender({ value: 'd' });
    expect(hook.result.current[0]).toBe('desk');
  });
});

describe('a change', () => {
  it.each([
    ['made', () => Promise.resolve('done')],
    ['refused', () => Promise.reject(new Error('no'))],
  ])('that was %s renews what is shown of its kind, and nothing else', async (_, change) => {
    const client = new QueryClient();
    client.setQueryData(['lists', 'one'], 1);
    client.setQueryData(['others'], 2);
    const wrapper = ({ children }: { children: ReactNode }) => createElement(QueryClientProvider, { client }, children);
    const { result } = renderHook(() => useRenewed('lists'), { wrapper });
    const outcome = await result.current(change()).catch((error: unknown) => (error as Error).message);
    expect(['done', 'no']).toContain(outcome);
    expect(client.getQueryState(['lists', 'one'])?.isInvalidated).toBe(true);
    expect(client.getQueryState(['others'])?.isInvalidated).toBe(false);
  });
});
