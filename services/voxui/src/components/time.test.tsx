/** U2: a moment as the display zone shows it; the whole of it on hover, and a relative one that ages. */
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { displayQuery } from '@/lib/hooks';

import { Time } from './time';

const AT = '2026-06-05T10:45:09.000Z';

beforeEach(() => {
  vi.useFakeTimers();
  vi.setSystemTime(new Date('2026-06-05T10:46:00Z'));
});
afterEach(() => {
  vi.useRealTimers();
});

function show(zone: string, relative = false) {
  const client = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity } } });
  client.setQueryData(displayQuery.queryKey, {
    display_timezone: zone,
    default_country: '',
    provider_keys: {},
  } as never);
  render(
    <QueryClientProvider client={client}>
      <Time iso={AT} relative={relative} />
    </QueryClientProvider>,
  );
  return screen.getByText((_, element) => element?.tagName === 'TIME');
}

it.each([
  ['Asia/Kolkata', '5 Jun, 16:15', '5 June 2026 at 16:15:09 UTC+05:30'],
  ['America/New_York', '5 Jun, 06:45', '5 June 2026 at 06:45:09 UTC-04:00'],
])('in %s it is %s, with seconds and offset on hover', (zone, shown, whole) => {
  const time = show(zone);
  expect(time).toHaveTextContent(shown);
  expect(time).toHaveAttribute('title', whole);
  expect(time).toHaveAttribute('datetime', AT); // what is copied is made of it
});

it('how long ago it was is counted on each 30 s', () => {
  const time = show('UTC', true);
  const before = time.textContent;
  act(() => {
    vi.advanceTimersByTime(29_000);
  });
  expect(time).toHaveTextContent(before);
  act(() => {
    vi.advanceTimersByTime(31_000);
  });
  expect(time.textContent).not.toBe(before);
});
