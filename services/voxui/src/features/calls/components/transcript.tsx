import { memo, useDeferredValue, useMemo, useState } from 'react';

import { Badge } from '@/components/badge';
import { CopyButton } from '@/components/copy';
import { Input } from '@/components/field';
import { duration, plural } from '@/lib/format';
import { useInParts, useSettled } from '@/lib/hooks';

import { useClock, type Clock } from '../lib/clock';
import { useFollow } from '../lib/follow';
import { lineAt, type Line } from '../lib/record';

const NAME: Record<string, string> = { assistant: 'Bot', user: 'Customer', tool: 'Tool', agent: 'Agent' };
const nameOf = (line: Line) => NAME[line.role] ?? line.role;

/** More than its box holds. */
const FIRST = 30;

interface TranscriptProps {
  lines: Line[];
  clock: Clock;
  playing: boolean;
  /** Absent: there is no recording to go to. */
  onPlayFrom?: ((ms: number) => void) | undefined;
}

/** What was said, in step with the recording: the spoken line is marked, a click plays from it. */
export const Transcript = memo(function Transcript({ lines, clock, playing, onPlayFrom }: TranscriptProps) {
  const [search, setSearch] = useState('');
  const current = useClock(clock, (ms) => (playing || ms > 0 ? lineAt(lines, ms) : -1));
  const { box, isFollowing, setFollowing, onScroll } = useFollow<HTMLOListElement>(playing ? current : -1);
  const overlapping = useMemo(() => overlaps(lines), [lines]);
  // The key shows at once; the lines are marked in the pauses of typing.
  const wanted = useDeferredValue(useSettled(search.trim().toLowerCase(), 200));
  const fits = (line: Line) => wanted !== '' && line.content.toLowerCase().includes(wanted);
  const hits = lines.filter(fits).length;

  const asText = lines.map((line) => `${duration(line.startMs / 1_000)} ${nameOf(line)}: ${line.content}`).join('\n');
  return (
    <div>
      <div className="flex flex-wrap items-center gap-2 border-b border-line px-4 py-2">
        <Input
          type="search"
          aria-label="Search the transcript"
          placeholder="Search"
          value={search}
          className="h-8! max-w-48"
          onChange={(event) => {
            setSearch(event.target.value);
          }}
        />
        <span className="text-xs text-muted" role="status">
          {wanted ? plural(hits, 'hit') : ''}
        </span>
        <span className="grow" />
        {onPlayFrom && (
          <label className="flex items-center gap-1.5 text-xs text-muted">
            <input
              type="checkbox"
              checked={isFollowing}
              onChange={(event) => {
                setFollowing(event.target.checked);
              }}
              className="accent-(--brand)"
            />
            Follow
          </label>
        )}
        <CopyButton value={asText} what="transcript" />
      </div>
      <ol
        ref={box}
        aria-label="Transcript"
        // Without a recording no line takes the focus: the list itself must, or no keyboard can scroll it.
        tabIndex={onPlayFrom ? undefined : 0}
        onScroll={onScroll}
        className="relative max-h-[34rem] space-y-1 overflow-y-auto scroll-smooth p-3"
      >
        {useInParts(lines, FIRST).map((line, position) => (
          <li key={position}>
            <TranscriptLine
              line={line}
              current={position === current}
              overlapping={overlapping.has(line)}
              search={fits(line) ? wanted : ''}
              onPlayFrom={onPlayFrom}
            />
          </li>
        ))}
      </ol>
    </div>
  );
});

/** Lines that begin before the one before them has ended: two voices at once. */
function overlaps(lines: Line[]): Set<Line> {
  const spoken = lines.filter((line) => line.role !== 'tool');
  return new Set(spoken.filter((line, at) => line.startMs < (spoken[at - 1]?.endMs ?? -Infinity) - 150));
}

interface LineProps {
  line: Line;
  current: boolean;
  overlapping: boolean;
  /** What is marked in it, in small letters. */
  search: string;
  onPlayFrom?: ((ms: number) => void) | undefined;
}

/** Drawn again when it changes itself: of a long call 300 lines stand here. */
const TranscriptLine = memo(function TranscriptLine(props: LineProps) {
  const { line, current, overlapping, search, onPlayFrom } = props;
  if (line.role === 'tool') {
    return (
      <details className="ml-14 rounded-lg border border-dashed border-line px-3 py-1.5 text-xs">
        <summary className="text-muted">
          Tool <span className="font-mono text-ink">{line.toolName}</span> answered
        </summary>
        <pre className="mt-1 overflow-x-auto font-mono whitespace-pre-wrap">{line.content}</pre>
      </details>
    );
  }
  const isCustomer = line.role === 'user';
  const body = (
    <>
      <span className="num w-10 shrink-0 pt-0.5 text-right text-xs text-muted">{duration(line.startMs / 1_000)}</span>
      <span
        className={`min-w-0 grow rounded-lg border-l-[3px] px-3 py-1.5 ${isCustomer ? 'border-info' : 'border-brand-text'} ${current ? 'bg-brand-soft' : ''}`}
      >
        <span className="flex flex-wrap items-center gap-2 text-xs font-medium">
          <span className={isCustomer ? 'text-info' : 'text-brand-text'}>{nameOf(line)}</span>
          {line.interrupted && <Badge tone="warn">interrupted</Badge>}
          {overlapping && <Badge>overlapping</Badge>}
        </span>
        <span className="block break-words">
          <Marked text={line.content} search={search} />
        </span>
      </span>
    </>
  );
  const look = 'flex w-full gap-3 rounded-lg text-left';
  if (!onPlayFrom) return <div className={look}>{body}</div>;
  return (
    <button
      type="button"
      aria-current={current ? 'true' : undefined}
      className={`${look} hover:bg-sunken`}
      onClick={() => {
        onPlayFrom(line.startMs);
      }}
    >
      {body}
      <span className="sr-only">, play from here</span>
    </button>
  );
});

/** `search` in small letters. */
function Marked({ text, search }: { text: string; search: string }) {
  if (!search) return text;
  const parts: { text: string; hit: boolean }[] = [];
  const low = text.toLowerCase();
  let at = 0;
  for (let found = low.indexOf(search); found >= 0; found = low.indexOf(search, at)) {
    parts.push(
      { text: text.slice(at, found), hit: false },
      { text: text.slice(found, found + search.length), hit: true },
    );
    at = found + search.length;
  }
  parts.push({ text: text.slice(at), hit: false });
  return parts.map((part, position) =>
    part.hit ? (
      <mark key={position} className="rounded bg-warn-soft text-warn">
        {part.text}
      </mark>
    ) : (
      part.text
    ),
  );
}
