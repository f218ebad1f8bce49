import { memo, useEffect, useRef, useState, type KeyboardEvent, type PointerEvent } from 'react';

import { duration } from '@/lib/format';

import { useClock, type Clock } from '../lib/clock';
import type { Mark } from '../lib/record';
import type { Peaks } from '../lib/wav';

interface LanesProps {
  peaks: Peaks | null;
  clock: Clock;
  durationMs: number;
  marks: Mark[];
  speakingAt: (ms: number) => string;
  onSeek: (ms: number) => void;
  /** Of the file that is still coming. */
  loading: string | null;
}

const HEIGHT = 112;
const BAR = 3;
const MARK_COLOUR = { barge_in: 'bg-warn', tool: 'bg-info', transfer: 'bg-violet', error: 'bg-bad' } as const;

/** Two lanes of the recording, customer above, bot below, and a slider over them. */
export function Lanes({ peaks, clock, durationMs, marks, speakingAt, onSeek, loading }: LanesProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const frame = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  const [paint, setPaint] = useState(0);

  useEffect(() => {
    if (!frame.current) return;
    const size = new ResizeObserver((entries) => {
      setWidth(Math.floor(entries[0]?.contentRect.width ?? 0));
    });
    size.observe(frame.current);
    const theme = new MutationObserver(() => {
      setPaint((count) => count + 1);
    });
    theme.observe(document.documentElement, { attributes: true, attributeFilter: ['class'] });
    return () => {
      size.disconnect();
      theme.disconnect();
    };
  }, []);

  const shareAt = (ms: number) => (durationMs > 0 ? Math.min(1, ms / durationMs) : 0);
  const second = useClock(clock, (ms) => Math.round(ms / 1_000));
  const speaking = useClock(clock, speakingAt);
  const count = Math.floor(width / BAR);
  const played = useClock(clock, (ms) => Math.ceil(shareAt(ms) * count));
  useEffect(() => {
    if (canvas.current && peaks && count > 0) draw(canvas.current, peaks, width, count, played);
  }, [peaks, width, count, played, paint]);

  const seekTo = (event: PointerEvent<HTMLDivElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    onSeek(Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) * durationMs);
  };
  const keys = (event: KeyboardEvent) => {
    const step = { PageUp: -30_000, PageDown: 30_000 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    onSeek(clock.now() + step);
  };
  return (
    <div className="grid grid-cols-[auto_1fr] gap-x-2">
      <div className="flex flex-col justify-around py-2 text-xs text-muted" aria-hidden="true">
        {(peaks?.channels.length === 1 ? ['Both'] : ['Customer', 'Bot']).map((lane) => (
          <span key={lane}>{lane}</span>
        ))}
      </div>
      <div
        ref={frame}
        role="slider"
        tabIndex={0}
        aria-label="Position in the recording"
        aria-valuemin={0}
        aria-valuemax={Math.round(durationMs / 1_000)}
        aria-valuenow={second}
        aria-valuetext={`${duration(second)} of ${duration(durationMs / 1_000)}, ${speaking}`}
        onKeyDown={keys}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          seekTo(event);
        }}
        onPointerMove={(event) => {
          if (event.buttons === 1) seekTo(event);
        }}
        className="relative cursor-pointer touch-pan-y overflow-hidden rounded-lg bg-sunken"
        style={{ height: HEIGHT }}
      >
        <canvas ref={canvas} className="absolute inset-0" style={{ width, height: HEIGHT }} />
        {loading !== null && (
          <p className="num absolute right-1 bottom-1 rounded bg-surface px-1.5 py-0.5 text-xs text-muted">{loading}</p>
        )}
        <Marks marks={marks} durationMs={durationMs} />
        <Cursor clock={clock} shareAt={shareAt} />
      </div>
    </div>
  );
}

const Marks = memo(function Marks({ marks, durationMs }: { marks: Mark[]; durationMs: number }) {
  if (durationMs <= 0) return null;
  return marks.map((mark, position) => (
    <span
      key={position}
      title={`${mark.label}, ${duration(mark.atMs / 1_000)}`}
      className={`absolute top-0 h-2 w-1 rounded-b ${MARK_COLOUR[mark.kind]}`}
      style={{ left: `${(mark.atMs / durationMs) * 100}%` }}
    />
  ));
});

/** Moved as a whole: nothing is laid out anew while it moves. */
function Cursor({ clock, shareAt }: { clock: Clock; shareAt: (ms: number) => number }) {
  const share = useClock(clock, shareAt);
  return (
    <span
      aria-hidden="true"
      className="pointer-events-none absolute inset-0"
      style={{ transform: `translateX(${share * 100}%)` }}
    >
      <span className="absolute inset-y-0 -left-px w-0.5 bg-ink" />
    </span>
  );
}

/** `count` bars, of which `played` lie behind the position. */
function draw(canvas: HTMLCanvasElement, peaks: Peaks, width: number, count: number, played: number) {
  const scale = window.devicePixelRatio || 1;
  if (canvas.width !== Math.round(width * scale)) {
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(HEIGHT * scale);
  }
  const context = canvas.getContext('2d');
  if (!context) return;
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width, HEIGHT);
  const style = getComputedStyle(document.documentElement);
  const colours = [style.getPropertyValue('--info'), style.getPropertyValue('--brand-text')];
  const lane = HEIGHT / peaks.channels.length;
  const known = Math.ceil(count * peaks.known);
  peaks.channels.forEach((channel, position) => {
    const middle = lane * position + lane / 2;
    context.fillStyle = colours[position % 2] ?? '#888';
    for (let at = 0; at < known; at += 1) {
      const start = Math.floor((at * channel.length) / count);
      const end = Math.max(start + 1, Math.floor(((at + 1) * channel.length) / count));
      const peak = Math.max(...channel.slice(start, end));
      // A square root: quiet speech is still seen beside loud one.
      const height = Math.max(1, Math.sqrt(peak) * (lane - 10));
      context.globalAlpha = at < played ? 1 : 0.42;
      context.fillRect(at * BAR, middle - height / 2, BAR - 1, height);
    }
  });
  context.globalAlpha = 1;
}
