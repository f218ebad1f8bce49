import { useMemo, useState } from 'react';

import { Badge } from '@/components/badge';
import { CopyButton } from '@/components/copy';
import { Input } from '@/components/field';
import { duration, plural } from '@/lib/format';

import { useFollow } from '../lib/follow';
import { lineAt, type Line } from '../lib/record';

const NAME: Record<string, string> = { assistant: 'Bot', user: 'Customer', tool: 'Tool', agent: 'Agent' };
const nameOf = (line: Line) => NAME[line.role] ?? line.role;

interface TranscriptProps {
  lines: Line[];
  timeMs: number;
  playing: boolean;
  /** Absent: there is no recording to go to. */
  onPlayFrom?: ((ms: number) => void) | undefined;
}

/** What was said, in step with the recording: the spoken line is marked, a click plays from it. */
export function Transcript({ lines, timeMs, playing, onPlayFrom }: TranscriptProps) {
  const [search, setSearch] = useState('');
  const current = playing || timeMs > 0 ? lineAt(lines, timeMs) : -1;
  const { box, isFollowing, setFollowing, onScroll } = useFollow<HTMLOListElement>(playing ? current : -1);
  const hits = useMemo(() => {
    const wanted = search.trim().toLowerCase();
    return wanted ? lines.filter((line) => line.content.toLowerCase().includes(wanted)).length : 0;
  }, [lines, search]);

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
          {search.trim() ? plural(hits, 'hit') : ''}
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
        {lines.map((line, position) => (
          <li key={position}>
            <TranscriptLine
              line={line}
              current={position === current}
              overlapping={overlaps(lines, position)}
              search={search.trim()}
              onPlayFrom={onPlayFrom}
            />
          </li>
        ))}
      </ol>
    </div>
  );
}

/** Two voices at once: this line begins before the one before it ended. */
const overlaps = (lines: Line[], position: number) => {
  const line = lines[position];
  const before = lines.slice(0, position).findLast((other) => other.role !== 'tool');
  return line !== undefined && before !== undefined && line.role !== 'tool' && line.startMs < before.endMs - 150;
};

interface LineProps {
  line: Line;
  current: boolean;
  overlapping: boolean;
  search: string;
  onPlayFrom?: ((ms: number) => void) | undefined;
}

function TranscriptLine({ line, current, overlapping, search, onPlayFrom }: LineProps) {
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
}

function Marked({ text, search }: { text: string; search: string }) {
  if (!search) return text;
  const parts: { text: string; hit: boolean }[] = [];
  const low = text.toLowerCase();
  const wanted = search.toLowerCase();
  let at = 0;
  for (let found = low.indexOf(wanted); found >= 0; found = low.indexOf(wanted, at)) {
    parts.push(
      { text: text.slice(at, found), hit: false },
      { text: text.slice(found, found + wanted.length), hit: true },
    );
    at = found + wanted.length;
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
