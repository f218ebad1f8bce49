import { act, renderHook } from '@testing-library/react';
import { expect, it, vi } from 'vitest';

import { usePlayer } from './player';

it('does what was asked for while the recording was still on its way, at the chosen speed', () => {
  const { result } = renderHook(usePlayer);
  act(() => {
    result.current[0].playFrom(4_200);
    result.current[0].setSpeed(1.5);
  });
  expect(result.current[0].clock.now()).toBe(4_200);
  const element = document.createElement('audio');
  const play = vi.spyOn(element, 'play').mockResolvedValue();
  result.current[1].current = element;
  act(() => {
    result.current[0].on.onLoadedMetadata();
  });
  expect([element.currentTime, element.playbackRate]).toEqual([4.2, 1.5]);
  expect(play).toHaveBeenCalledOnce();
  act(() => {
    result.current[0].on.onLoadedMetadata();
  });
  expect(play).toHaveBeenCalledOnce();
});
