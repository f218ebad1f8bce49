import { act, screen } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';

import { renderPage } from '@/test/render';

import { LiveData } from './live';
import { Page } from './page';

afterEach(() => {
  vi.useRealTimers();
});

const READING = { fetchStatus: 'idle', failureCount: 0 } as const;

it('says of a live page how old it is, and turns it grey with the time of its data once updates stop (G2)', async () => {
  renderPage(
    <Page title="Fleet">
      <LiveData of={{ ...READING, dataUpdatedAt: Date.now() }} everyMs={2_000} />
      <p>4 seats</p>
    </Page>,
  );
  const content = await screen.findByText('4 seats');
  expect(screen.getByText(/^As of (now|1 s ago)$/)).toBeVisible();
  expect(content.parentElement).not.toHaveClass('old-data');
  vi.useFakeTimers({ now: Date.now() + 7_000 });
  act(() => document.dispatchEvent(new Event('visibilitychange')));
  expect(screen.getByText(/^Data from \d\d:\d\d:\d\d$/)).toBeVisible();
  expect(screen.queryByText(/^As of/)).not.toBeInTheDocument();
  expect(content.parentElement).toHaveClass('old-data');
});

it('says nothing of a page that shows nothing live', async () => {
  renderPage(<Page title="Users">12 users</Page>);
  expect(await screen.findByText('12 users')).toBeVisible();
  expect(screen.queryByText(/As of|Data from/)).not.toBeInTheDocument();
});
