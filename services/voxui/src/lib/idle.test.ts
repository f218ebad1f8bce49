import { afterEach, expect, it, vi } from 'vitest';

import { isIdleWork, whenIdle } from './idle';

afterEach(() => vi.unstubAllGlobals());

it('does one after the other when the page is idle, past what fails, until it is called off', async () => {
  const idle: (() => void)[] = [];
  vi.stubGlobal('requestIdleCallback', (tell: () => void) => idle.push(tell));
  const done: string[] = [];
  const work = (name: string) => () => {
    done.push(name);
    expect(isIdleWork()).toBe(true);
    return name === 'b' ? Promise.reject(new Error('away')) : Promise.resolve();
  };
  expect(isIdleWork()).toBe(false);
  const callOff = whenIdle(['a', 'b', 'c', 'd'].map(work));
  expect(done).toEqual([]);
  for (const soFar of [['a'], ['a', 'b'], ['a', 'b', 'c']]) {
    idle.shift()?.();
    await vi.waitFor(() => {
      expect(idle).toHaveLength(1);
    });
    expect(done).toEqual(soFar);
    expect(isIdleWork()).toBe(false);
  }
  callOff();
  idle.shift()?.();
  expect(done).toEqual(['a', 'b', 'c']);
});
