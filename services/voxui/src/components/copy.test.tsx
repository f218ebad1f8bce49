/** U3: ids and telephone numbers are read short or spaced, and copied whole and raw. */
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';

import { Id } from './copy';
import { PhoneNumber } from './phone-number';

const copies = () => {
  const user = userEvent.setup();
  return { user, text: () => navigator.clipboard.readText() };
};

it('shows the first eight characters of an id and copies all of it', async () => {
  const { user, text } = copies();
  render(<Id value="0d4f1c52-7a1b-4f0e-9a63-5f1f3c9f2b11" what="call id" />);
  expect(screen.getByText('0d4f1c52')).toBeInTheDocument();
  await user.click(screen.getByRole('button', { name: 'Copy call id' }));
  expect(await text()).toBe('0d4f1c52-7a1b-4f0e-9a63-5f1f3c9f2b11');
  expect(screen.getByRole('button', { name: 'Copied' })).toBeInTheDocument();
});

it('spaces a number for reading and copies it as a machine dials it', async () => {
  const { user, text } = copies();
  render(<PhoneNumber value="+15550199" />);
  expect(screen.getByText('+1 555 0199')).toBeInTheDocument();
  await user.click(screen.getByRole('button', { name: 'Copy number' }));
  expect(await text()).toBe('+15550199');
});

it('says so when the browser does not allow to copy', async () => {
  const { user } = copies();
  vi.spyOn(navigator.clipboard, 'writeText').mockRejectedValue(new DOMException('', 'NotAllowedError'));
  render(<Id value="b-1" />);
  await user.click(screen.getByRole('button', { name: 'Copy id' }));
  expect(screen.getByRole('button', { name: 'The browser did not allow to copy' })).toBeInTheDocument();
});

it('copies without opening the row around it', async () => {
  const { user } = copies();
  const opened = vi.fn();
  render(
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-static-element-interactions -- a row
    <div onClick={opened}>
      <Id value="b-1" />
    </div>,
  );
  await user.click(screen.getByRole('button', { name: 'Copy id' }));
  expect(opened).not.toHaveBeenCalled();
});
