/** How old what a live view shows is: the oldest of its data counts. */
import { serverAwaySince } from './query';
import { live, SILENT_MS } from './stream';

/** What a query says of itself. */
export interface Reading {
  dataUpdatedAt: number;
  fetchStatus: string;
  failureCount: number;
}

export interface Age {
  /** Until when the data are known to be right, milliseconds since 1970. */
  at: number;
  seconds: number;
  /** Updates have stopped for three periods. */
  isOld: boolean;
}

interface Entry extends Reading {
  everyMs: number;
  /** How long after an event it may be asked for. Infinity: events tell of it late or not at all. */
  lateMs: number;
  at: number;
}

const LOOK_MS = 1_000;
const PERIODS = 3;

/**
 * While the stream tells what changes, data that were read since are right until it last spoke, however long nothing
 * changes. What is being read, or could not be, is right until then.
 */
export class Ages {
  private readonly entries = new Map<string, Entry>();
  private readonly watchers = new Set<() => void>();
  private age: Age | null = null;
  private stop: (() => void) | null = null;

  /** A query of this view, which is asked again each `everyMs` while nothing is told, or whatever is told. */
  report(id: string, { dataUpdatedAt, fetchStatus, failureCount }: Reading, everyMs: number, lateMs = 0) {
    const before = this.entries.get(id);
    // Data from before those that were shown are of another page or filter.
    const kept = before && dataUpdatedAt >= before.dataUpdatedAt ? before.at : 0;
    const at = Math.max(dataUpdatedAt, kept);
    this.entries.set(id, { dataUpdatedAt, fetchStatus, failureCount, everyMs, lateMs, at });
    this.stop ??= this.watch();
    this.look();
  }

  forget(id: string) {
    this.entries.delete(id);
    if (this.entries.size === 0) {
      this.stop?.();
      this.stop = null;
    }
    this.look();
  }

  readonly subscribe = (tell: () => void) => {
    this.watchers.add(tell);
    return () => this.watchers.delete(tell);
  };

  /** Null: nothing live is shown. */
  readonly current = () => this.age;

  private watch() {
    const timer = setInterval(this.look, LOOK_MS);
    const deaf = live.onState(this.look);
    document.addEventListener('visibilitychange', this.look);
    return () => {
      clearInterval(timer);
      deaf();
      document.removeEventListener('visibilitychange', this.look);
    };
  }

  private readonly look = () => {
    const now = Date.now();
    const stream = serverAwaySince() === null ? live.told() : null;
    let at = Infinity;
    let isOld = false;
    for (const entry of this.entries.values()) {
      if (entry.dataUpdatedAt === 0) continue; // nothing is shown of it yet
      const told = entry.lateMs < Infinity ? stream : null;
      const isFailing = entry.failureCount > 0;
      const isSettled = !isFailing && entry.fetchStatus === 'idle';
      if (told && isSettled && entry.dataUpdatedAt >= told.since) {
        entry.at = Math.max(entry.at, told.until - entry.lateMs);
      }
      const patienceMs = Math.max(PERIODS * entry.everyMs, told && !isFailing ? SILENT_MS : 0);
      isOld ||= now - entry.at > patienceMs;
      at = Math.min(at, entry.at);
    }
    const seconds = Math.max(0, Math.floor((now - at) / 1_000));
    const { age } = this;
    if (at === Infinity) this.age = null;
    else if (age?.at !== at || age.seconds !== seconds || age.isOld !== isOld) this.age = { at, seconds, isOld };
    if (this.age !== age) for (const tell of this.watchers) tell();
  };
}
