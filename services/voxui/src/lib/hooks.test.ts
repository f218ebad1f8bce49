import { act, renderHook } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { useTyped } from './hooks';

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
