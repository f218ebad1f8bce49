/**
 * The event stream of a tab: one connection, for the topics of the views that are open. It waits longer after each
 * failure, rests while the tab is hidden, and goes on from the last event it heard.
 */
import { useEffect } from 'react';

import { config } from './config';
import { leave, token } from './session';

export type Topic = 'calls' | 'campaigns' | 'fleet' | 'settings' | `campaign:${string}`;

export interface StreamEvent {
  name: string;
  data: Record<string, unknown>;
}

/** While the stream tells what changes, views ask by themselves only this often. */
export const SLOW_MS = 30_000;
/** What events tell of all the time is asked for at most this often, and may be that much older than the stream. */
export const LATE_MS = { contacts: 4_000, drainsAndQuotas: 5_000 };
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;
/** The server says something at least every 15 s: this long a silence means that the line is broken. */
export const SILENT_MS = 25_000;
/** A change of the page takes topics away and adds others: one new connection for both. */
const SETTLE_MS = 50;
/** The stream's own event, besides those of the server: it told until now, and broke. */
export const LOST = 'stream.lost';

/** Events of a text that may end in the middle of one: [events, the rest, the last id]. */
export function parseEvents(text: string, lastId = ''): [StreamEvent[], string, string] {
  const parts = text.replaceAll('\r\n', '\n').split('\n\n');
  const rest = parts.pop() ?? '';
  const events: StreamEvent[] = [];
  for (const part of parts) {
    const fields = new Map<string, string>();
    for (const line of part.split('\n')) {
      if (line.startsWith(':')) continue;
      const at = line.indexOf(':');
      const name = at < 0 ? line : line.slice(0, at);
      const value = at < 0 ? '' : line.slice(at + 1).replace(/^ /, '');
      fields.set(name, fields.has(name) && name === 'data' ? `${fields.get(name) ?? ''}\n${value}` : value);
    }
    lastId = fields.get('id') ?? lastId;
    const name = fields.get('event');
    if (name === undefined) continue;
    try {
      const data: unknown = JSON.parse(fields.get('data') ?? '{}');
      if (typeof data === 'object' && data !== null) events.push({ name, data: data as Record<string, unknown> });
    } catch {
      events.push({ name: 'reset', data: {} }); // not readable: what it said must be asked for
    }
  }
  return [events, rest, lastId];
}

/** How long to wait before the next try, with some chance in it: many tabs must not come back in the same moment. */
export const waitMs = (failures: number, chance = Math.random()) =>
  Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.max(0, failures - 1)) * (0.75 + 0.5 * chance);

/** A refusal that no repeat changes. */
class Refused extends Error {}

/** A busy server names the time after which it may be asked again. */
class Busy extends Error {
  constructor(readonly afterMs: number) {
    super('busy');
  }
}

export class LiveStream {
  private readonly wanted = new Map<Topic, number>();
  private readonly listeners = new Set<(event: StreamEvent) => void>();
  private readonly watchers = new Set<() => void>();
  private openSince = 0;
  private heardAt = 0;
  private refused = false;
  private failures = 0;
  private lastId = '';
  private line: AbortController | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private spoken = '';

  /** Whether changes are told: then nothing needs to be asked for. */
  readonly isOpen = () => this.openSince > 0;

  /** Since when changes are told without a gap, and until when: milliseconds since 1970. Null: nothing is told now. */
  readonly told = () => (this.isOpen() ? { since: this.openSince, until: this.heardAt } : null);

  readonly onState = (tell: () => void) => {
    this.watchers.add(tell);
    return () => this.watchers.delete(tell);
  };

  onEvent(tell: (event: StreamEvent) => void): () => void {
    this.listeners.add(tell);
    return () => {
      this.listeners.delete(tell);
    };
  }

  /** Hear of these topics until the answer is called. */
  want(topics: readonly Topic[]): () => void {
    for (const topic of topics) this.wanted.set(topic, (this.wanted.get(topic) ?? 0) + 1);
    this.plan(SETTLE_MS);
    return () => {
      for (const topic of topics) {
        const left = (this.wanted.get(topic) ?? 1) - 1;
        if (left > 0) this.wanted.set(topic, left);
        else this.wanted.delete(topic);
      }
      this.plan(SETTLE_MS);
    };
  }

  /** The tab was hidden or shown, or the network came back. */
  readonly look = () => {
    if (!document.hidden) this.failures = 0;
    this.plan(0);
  };

  private plan(afterMs: number) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.settle();
    }, afterMs);
  }

  private settle() {
    const topics = [...this.wanted.keys()].sort().join(',');
    const rests = topics === '' || document.hidden || token() === null || this.refused;
    if (!rests && this.line && topics === this.spoken) return;
    this.line?.abort();
    this.line = null;
    this.setOpen(false);
    if (!rests) void this.listen(topics);
  }

  private async listen(topics: string) {
    const line = new AbortController();
    this.line = line;
    this.spoken = topics;
    let after: number;
    try {
      await this.read(topics, line);
      after = waitMs(++this.failures); // the server ended it: it stops, or the token is over
    } catch (error) {
      if (line.signal.aborted && this.line !== line) return;
      if (error instanceof Refused) {
        this.refused = true;
        after = 0;
      } else {
        this.failures += 1;
        after = error instanceof Busy ? error.afterMs : waitMs(this.failures);
      }
    }
    if (this.line !== line) return;
    this.line = null;
    if (this.isOpen()) this.lost(topics);
    if (!this.refused) this.plan(after);
  }

  private async read(topics: string, line: AbortController) {
    let silence = setTimeout(() => {
      line.abort();
    }, SILENT_MS);
    try {
      const answer = await fetch(`${config.apiUrl}/events/stream?topics=${encodeURIComponent(topics)}`, {
        headers: {
          Authorization: `Bearer ${token() ?? ''}`,
          Accept: 'text/event-stream',
          ...(this.lastId ? { 'Last-Event-ID': this.lastId } : {}),
        },
        cache: 'no-store',
        signal: line.signal,
      });
      if (answer.status === 401) {
        leave('expired');
        throw new Refused();
      }
      if (answer.status === 429) throw new Busy(1_000 * (Number(answer.headers.get('Retry-After')) || 30));
      if (answer.status < 500 && !answer.ok) throw new Refused(); // this server has no stream, or not for us
      if (!answer.ok || !answer.body) throw new Error(`the stream answered ${answer.status}`);
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      let text = '';
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        this.heardAt = Date.now();
        clearTimeout(silence);
        silence = setTimeout(() => {
          line.abort();
        }, SILENT_MS);
        const [events, rest, lastId] = parseEvents(text + value, this.lastId);
        text = rest;
        this.lastId = lastId;
        for (const event of events) this.heard(event);
      }
    } finally {
      clearTimeout(silence);
    }
  }

  private heard(event: StreamEvent) {
    this.failures = 0;
    this.setOpen(true);
    for (const tell of this.listeners) tell(event);
  }

  /** What was told until now must be asked for: at once, as the views have slowed down. */
  private lost(topics: string) {
    this.setOpen(false);
    for (const tell of this.listeners) tell({ name: LOST, data: { topics: topics.split(',') } });
  }

  private setOpen(open: boolean) {
    if (this.isOpen() === open) return;
    this.openSince = open ? Date.now() : 0;
    for (const tell of this.watchers) tell();
  }
}

export const live = new LiveStream();

/** Hear of these topics while the view is open. */
export function useTopics(...topics: Topic[]) {
  const key = topics.join(',');
  useEffect(() => live.want(key.split(',') as Topic[]), [key]);
}

/** A period for `refetchInterval`: as given while nothing is told, else rarely. */
export const whileQuiet = (ms: number) => (live.isOpen() ? SLOW_MS : ms);
