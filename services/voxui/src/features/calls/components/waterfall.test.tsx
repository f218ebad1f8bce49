import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';

import { Waterfall } from './waterfall';

const SAMPLES = [400, 1_900, 1_900, 700].map((total_ms, turn) => ({ turn, total_ms }));
const show = (onSeekTurn?: (turn: number) => void) =>
  render(<Waterfall samples={SAMPLES} summary={{ total_p95_ms: 1_500 }} onSeekTurn={onSeekTurn} />);

it('names the slowest turn, of several the first, and leads to it', async () => {
  const onSeekTurn = vi.fn();
  show(onSeekTurn);
  const [slowest] = screen.getAllByText('1.90 s');
  expect(slowest?.previousSibling).toHaveTextContent('Slowest');
  await userEvent.click(screen.getByRole('button', { name: 'Play turn 1' }));
  expect(onSeekTurn.mock.calls).toEqual([[1]]);
});

it('only names it where there is no recording', () => {
  show();
  expect(screen.getByText('turn 1')).toBeVisible();
  expect(screen.queryByRole('button', { name: /Play/ })).not.toBeInTheDocument();
});

it('draws a line at the 95 % of the call, on the scale of the bars', () => {
  show();
  expect(screen.getByText('95 %', { selector: 'li *' })).toHaveStyle({ left: '75%' });
  expect(screen.getByText('1 s', { selector: 'li *' })).toHaveStyle({ left: '50%' });
});
