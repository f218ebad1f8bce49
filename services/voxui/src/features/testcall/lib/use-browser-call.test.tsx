import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';

import { BrowserCall } from './browser-call';
import { useBrowserCall } from './use-browser-call';

function Caller() {
  const { start } = useBrowserCall('demo');
  return (
    <button
      type="button"
      onClick={() => {
        start('', {});
      }}
    >
      Call
    </button>
  );
}

it.each(['the page is left for another one', 'its part of the page goes'])('hangs up when %s (T1)', async (way) => {
  vi.spyOn(BrowserCall.prototype, 'start').mockResolvedValue();
  const hungUp = vi.spyOn(BrowserCall.prototype, 'hangUp').mockReturnValue();
  const { unmount } = render(<Caller />);
  await userEvent.click(screen.getByRole('button', { name: 'Call' }));
  hungUp.mockClear(); // the end of the page of the case before
  if (way.startsWith('the page')) window.dispatchEvent(new Event('pagehide'));
  else unmount();
  expect(hungUp).toHaveBeenCalled();
});
