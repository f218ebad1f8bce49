import { act, fireEvent, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { Clock } from '../lib/clock';
import { Transcript } from './transcript';

const LINES = Array.from({ length: 20 }, (_, at) => ({
  turn: at, role: at % 2 ? 'user' : 'assistant', content: `Sentence ${at}`, toolName: '', startMs: at * 1_000, endMs: at * 1_000 + 900,
  interrupted: false,
})); // prettier-ignore
const shown = (timeMs: number, playing = true) => {
  const clock = new Clock();
  clock.set(timeMs);
  return <Transcript lines={LINES} clock={clock} playing={playing} onPlayFrom={vi.fn()} />;
};
const box = () => screen.getByRole('list', { name: 'Transcript' });
const follow = () => screen.getByRole('checkbox', { name: 'Follow' });
const scrollTo = (top: number) => {
  box().scrollTop = top;
  fireEvent.scroll(box());
};

// A box of 300 pixels with lines of 100: no layout is made here.
beforeEach(() => {
  vi.spyOn(HTMLElement.prototype, 'offsetTop', 'get').mockImplementation(function (this: HTMLElement) {
    return this.parentElement ? [...this.parentElement.children].indexOf(this) * 100 : 0;
  });
  vi.spyOn(Element.prototype, 'clientHeight', 'get').mockReturnValue(300);
  vi.spyOn(Element.prototype, 'scrollHeight', 'get').mockReturnValue(2_000);
});
afterEach(() => vi.restoreAllMocks());

it('follows what is spoken, and its own way there, in however many steps, is not taken for the person’s', () => {
  const { rerender } = render(shown(5_000));
  expect(box().scrollTop).toBe(400);
  for (const step of [120, 300, 400]) scrollTo(step);
  expect(follow()).toBeChecked();
  rerender(shown(10_000));
  expect(box().scrollTop).toBe(900);
  expect(follow()).toBeChecked();
});

it.each([
  ['away from the line', 200],
  ['beyond it', 480],
])('stops following once the person scrolls %s by whatever means, until it is switched on again', async (_, top) => {
  const { rerender } = render(shown(5_000));
  scrollTo(400);
  scrollTo(top);
  expect(follow()).not.toBeChecked();
  rerender(shown(10_000));
  expect(box().scrollTop).toBe(top);
  await userEvent.click(follow());
  expect(box().scrollTop).toBe(900);
  expect(follow()).toBeChecked();
});

it('may be scrolled while nothing plays: a line is looked for, and followed once it plays', () => {
  const { rerender } = render(shown(0, false));
  scrollTo(700);
  expect(follow()).toBeChecked();
  rerender(shown(10_000));
  expect(box().scrollTop).toBe(900);
});

it('draws anew only the line that is left and the one that is reached', () => {
  let drawn = 0;
  const lines = LINES.map((line) => ({
    ...line,
    get interrupted() {
      drawn += 1;
      return false;
    },
  }));
  const clock = new Clock();
  render(<Transcript lines={lines} clock={clock} playing onPlayFrom={vi.fn()} />);
  drawn = 0;
  const reach = (ms: number) => {
    act(() => {
      clock.set(ms);
    });
  };
  for (const ms of [100, 200, 300]) reach(ms);
  expect(drawn).toBe(0);
  reach(3_100);
  expect(drawn).toBe(2);
  expect(screen.getByText('Sentence 3').closest('button')).toHaveAttribute('aria-current', 'true');
});

it('counts and marks what is searched for in the pauses of typing', async () => {
  render(shown(0, false));
  await userEvent.type(screen.getByRole('searchbox', { name: 'Search the transcript' }), 'sentence 1');
  expect(await screen.findByText('11 hits')).toBeVisible();
  expect(box().querySelectorAll('mark')).toHaveLength(11);
});
