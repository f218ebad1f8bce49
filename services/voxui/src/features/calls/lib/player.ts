/** The clock of the recording: one audio element, its position for whoever follows it. */
import { useCallback, useEffect, useMemo, useRef, useState, type RefObject } from 'react';

import { Clock } from './clock';

export const SPEEDS = [0.75, 1, 1.25, 1.5, 2];

export interface Player {
  clock: Clock;
  playing: boolean;
  speed: number;
  muted: boolean;
  seek: (ms: number) => void;
  toggle: () => void;
  playFrom: (ms: number) => void;
  setSpeed: (speed: number) => void;
  toggleMute: () => void;
  /** Events of the audio element. */
  on: Record<'onLoadedMetadata' | 'onPlay' | 'onPause' | 'onSeeked' | 'onEnded', () => void>;
}

/** The player, and the ref of its audio element: apart, for only the element may be given a ref. */
export function usePlayer(): [Player, RefObject<HTMLAudioElement | null>] {
  const audio = useRef<HTMLAudioElement>(null);
  /** Asked for while the recording was still on its way. */
  const wanted = useRef<{ ms: number; playing: boolean }>(null);
  const [clock] = useState(() => new Clock());
  const [playing, setPlaying] = useState(false);
  const [speed, setSpeedShown] = useState(1);
  const [muted, setMuted] = useState(false);

  const look = useCallback(() => {
    clock.set(Math.round((audio.current?.currentTime ?? 0) * 1_000));
  }, [clock]);
  useEffect(() => {
    if (!playing) return;
    const timer = setInterval(look, 60); // often enough for a highlight that keeps step, rarer than each frame
    return () => {
      clearInterval(timer);
    };
  }, [playing, look]);

  // The same for as long as the page stands: each line of the transcript holds them.
  const { play, go, seek, playFrom } = useMemo(() => {
    // A play that a pause overtakes is refused by the browser: nothing to tell.
    const play = () => void audio.current?.play().catch(() => undefined);
    const go = (ms: number, playing: boolean) => {
      const element = audio.current;
      if (!element) {
        wanted.current = { ms, playing };
        clock.set(Math.max(0, ms));
        return;
      }
      element.currentTime = Math.max(0, ms) / 1_000;
      look();
      if (playing) play();
    };
    return {
      play,
      go,
      seek: (ms: number) => {
        go(ms, false);
      },
      playFrom: (ms: number) => {
        go(ms, true);
      },
    };
  }, [clock, look]);

  const player = useMemo(
    (): Player => ({
      clock,
      playing,
      speed,
      muted,
      seek,
      toggle: () => {
        if (playing) audio.current?.pause();
        else play();
      },
      playFrom,
      setSpeed: (next: number) => {
        if (audio.current) audio.current.playbackRate = next;
        setSpeedShown(next);
      },
      toggleMute: () => {
        if (audio.current) audio.current.muted = !muted;
        setMuted(!muted);
      },
      on: {
        onLoadedMetadata: () => {
          if (!audio.current) return;
          audio.current.playbackRate = speed;
          audio.current.muted = muted;
          if (wanted.current) go(wanted.current.ms, wanted.current.playing);
          wanted.current = null;
        },
        onPlay: () => {
          setPlaying(true);
        },
        onPause: () => {
          setPlaying(false);
          look();
        },
        onSeeked: look,
        onEnded: () => {
          setPlaying(false);
          look();
        },
      },
    }),
    [clock, playing, speed, muted, look, play, go, seek, playFrom],
  );
  return [player, audio];
}
