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

it('says tokens, characters and interruptions at the right of the bars, where they were counted', () => {
  const counted = { turn: 7, total_ms: 900, completion_tokens: 1_240, tts_characters: 96, interrupted: true };
  const { rerender } = render(<Waterfall samples={[...SAMPLES, counted]} summary={null} />);
  const last = screen.getAllByRole('listitem').at(-1);
  expect(last).toHaveTextContent('1,240');
  expect(last).toHaveTextContent('1,240 tokens, 96 characters, interrupted.');
  expect(screen.getByText('Tokens')).toBeVisible();
  expect(screen.getByText('Interrupted')).toBeVisible();
  rerender(<Waterfall samples={SAMPLES} summary={null} />);
  for (const name of ['Tokens', 'Chars', 'Interrupted']) expect(screen.queryByText(name)).not.toBeInTheDocument();
});
