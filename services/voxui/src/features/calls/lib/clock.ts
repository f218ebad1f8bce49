/** Where the recording is. It moves 16 times a second: only what shows it is drawn again, not the page around. */
import { useSyncExternalStore } from 'react';

export class Clock {
  private ms = 0;
  private readonly watchers = new Set<() => void>();

  readonly now = () => this.ms;

  set(ms: number) {
    if (ms === this.ms) return;
    this.ms = ms;
    for (const tell of this.watchers) tell();
  }

  readonly subscribe = (tell: () => void) => {
    this.watchers.add(tell);
    return () => {
      this.watchers.delete(tell);
    };
  };
}

/** What `of` makes of the position; drawn again when that changes, so it must be no new object each time. */
export const useClock = <T extends string | number>(clock: Clock, of: (ms: number) => T): T =>
  useSyncExternalStore(clock.subscribe, () => of(clock.now()));
