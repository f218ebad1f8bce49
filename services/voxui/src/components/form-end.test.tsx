import { act, render, screen } from '@testing-library/react';
import axe from 'axe-core';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { ApiError } from '@/lib/api';

import { Button } from './button';
import { FormEnd } from './form-end';
import { Problem } from './states';

const asked = (waitS: number, code = 'rate_limited') =>
  new ApiError(429, code, 'The server says why; try again in 3 s.', 'req-12345678', null, waitS);

const show = (error: unknown) =>
  render(
    <form>
      <FormEnd error={error} failed="Not saved" busy={false} onCancel={() => undefined}>
        Save
      </FormEnd>
    </form>,
  );

const pass = (ms: number) => {
  act(() => {
    vi.advanceTimersByTime(ms);
  });
};

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

it('a button waits as long as the server asked, and the seconds are counted beside it', () => {
  show(asked(3));
  expect(screen.getByRole('alert')).toHaveTextContent('Not saved');
  expect(screen.getByText('Try again in 3 s.')).toBeVisible();
  expect(screen.getByRole('button', { name: 'Save' })).toBeDisabled();
  expect(screen.getByRole('button', { name: 'Cancel' })).toBeEnabled();
  pass(2_100);
  expect(screen.getByText('Try again in 1 s.')).toBeVisible();
  pass(1_000);
  expect(screen.getByText('You can try again now.')).toBeVisible();
  expect(screen.getByRole('button', { name: 'Save' })).toBeEnabled();
  expect(vi.getTimerCount()).toBe(0);
});

it('the seconds are not read aloud one by one, the end of the wait is', () => {
  show(asked(3));
  expect(screen.getByText('Try again in 3 s.')).toHaveAttribute('aria-live', 'off');
  pass(3_100);
  expect(screen.getByText('You can try again now.')).toHaveAttribute('aria-live', 'polite');
});

it('a refusal of another kind keeps the reason of the server before the count', () => {
  show(asked(3, 'carrier_rate'));
  expect(screen.getByRole('alert')).toHaveTextContent('The server says why; try again in 3 s. Try again in 3 s.');
});

it('who is refused again waits again', () => {
  const { rerender } = render(<Button after={asked(2)}>Save</Button>);
  pass(2_100);
  expect(screen.getByRole('button')).toBeEnabled();
  rerender(<Button after={asked(5)}>Save</Button>);
  expect(screen.getByRole('button')).toBeDisabled();
  rerender(<Button after={null}>Save</Button>);
  expect(screen.getByRole('button')).toBeEnabled();
});

it.each([
  ['a 429 that names no time', asked(0)],
  ['a conflict', new ApiError(409, 'exists', 'It is there already.', '', null, 9)],
  ['what is no answer of the API', new Error('It is there already.')],
])('after %s the button can be pressed at once', (_, error) => {
  show(error);
  expect(screen.getByRole('button', { name: 'Save' })).toBeEnabled();
  expect(screen.queryByText(/You can try again now/)).toBeNull();
});

it('a view that could not be loaded waits with its own button', async () => {
  render(<Problem error={asked(3)} onRetry={() => undefined} />);
  expect(screen.getByRole('button', { name: 'Try again' })).toBeDisabled();
  vi.useRealTimers();
  const found = await axe.run(document.body, { rules: { region: { enabled: false } } });
  expect(found.violations).toEqual([]);
});
