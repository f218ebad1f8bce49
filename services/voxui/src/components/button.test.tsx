import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';

import { Button } from './button';

it('a busy button says what it does, keeps its place and cannot be pressed again (U4)', async () => {
  const pressed = vi.fn();
  const { rerender } = render(<Button onClick={pressed}>Stop the campaign</Button>);
  const button = screen.getByRole('button', { name: 'Stop the campaign' });
  await userEvent.click(button);
  rerender(
    <Button onClick={pressed} busy="Stopping …">
      Stop the campaign
    </Button>,
  );
  expect(button).toBeDisabled();
  expect(button).toHaveAttribute('aria-busy', 'true');
  // What it said before still takes its room, unseen; both lie in one cell, so the wider of them makes the width.
  expect(screen.getByText('Stop the campaign')).toHaveClass('invisible', 'col-start-1', 'row-start-1');
  expect(screen.getByText('Stopping …')).toHaveClass('col-start-1', 'row-start-1');
  await userEvent.click(button);
  expect(pressed).toHaveBeenCalledTimes(1);
});
