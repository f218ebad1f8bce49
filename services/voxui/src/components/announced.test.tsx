import { act, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { Announced } from './announced';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const pass = (ms: number) => {
  act(() => {
    vi.advanceTimersByTime(ms);
  });
};

it('reads live data aloud at most once in 5 s, and then the latest of them (A3)', () => {
  const { rerender } = render(<Announced text="0 new calls" />);
  const heard: string[] = [];
  for (let calls = 1; calls <= 25; calls += 1) {
    rerender(<Announced text={`${calls} new calls`} />);
    pass(450);
    const said = screen.getByRole('status').textContent;
    if (said !== heard.at(-1)) heard.push(said);
  }
  expect(heard).toEqual(['1 new calls', '12 new calls', '23 new calls']);
  pass(5_000);
  expect(screen.getByRole('status')).toHaveTextContent('25 new calls');
});

it('says nothing of what was over before it was said (A3)', () => {
  const { rerender } = render(<Announced text="Dialling" />);
  rerender(<Announced text="Paused" />);
  pass(0);
  rerender(<Announced text="Dialling" />);
  pass(1_000);
  rerender(<Announced text="Paused" />);
  pass(10_000);
  expect(screen.getByRole('status')).toHaveTextContent('Paused');
});
