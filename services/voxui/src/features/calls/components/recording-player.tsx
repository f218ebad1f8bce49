import { memo, useCallback, type KeyboardEvent, type RefObject } from 'react';

import { Button, IconButton } from '@/components/button';
import { Problem } from '@/components/states';
import { duration } from '@/lib/format';
import { press, type PLAYER } from '@/lib/shortcuts';

import { useRecording, type Recording } from '../api/use-recording';
import { useClock, type Clock } from '../lib/clock';
import { SPEEDS, type Player } from '../lib/player';
import type { Line, Mark } from '../lib/record';
import { Lanes } from './lanes';

interface RecordingPlayerProps {
  path: string;
  player: Player;
  audio: RefObject<HTMLAudioElement | null>;
  durationMs: number;
  marks: Mark[];
  lines: Line[];
}

export const RecordingPlayer = memo(function RecordingPlayer(props: RecordingPlayerProps) {
  const { path, player, audio, durationMs, marks, lines } = props;
  const { clock } = player;
  const recording = useRecording(path);
  const speakingAt = useCallback((ms: number) => speaking(lines, ms), [lines]);
  if (recording.state === 'error') {
    return <Problem error={recording.error} title="The recording could not be loaded" onRetry={recording.again} />;
  }
  const { peaks } = recording;
  const wholeMs = peaks?.durationMs ?? durationMs;
  const turn = (step: 1 | -1) => {
    const starts = lines.filter((line) => line.role !== 'tool').map((line) => line.startMs);
    const next =
      step > 0
        ? starts.find((start) => start > clock.now() + 50)
        : starts.findLast((start) => start < clock.now() - 800);
    player.seek(next ?? (step > 0 ? wholeMs : 0));
  };
  const faster = (step: 1 | -1) => {
    player.setSpeed(SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, SPEEDS.indexOf(player.speed) + step))] ?? 1);
  };
  const keys = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = event.shiftKey ? 1_000 : 5_000;
    // Space on a button presses that button.
    if (event.key === ' ' && event.target instanceof HTMLButtonElement) return;
    press<typeof PLAYER>(event, {
      ' ': player.toggle,
      ArrowLeft: () => player.seek(clock.now() - step),
      ArrowRight: () => player.seek(clock.now() + step),
      '[': () => turn(-1),
      ']': () => turn(1),
      '<': () => faster(-1),
      '>': () => faster(1),
      m: player.toggleMute,
      Home: () => player.seek(0),
      End: () => player.seek(wholeMs),
    });
  };
  return (
    // Keys work wherever the focus is inside the player; each of its controls can be reached and pressed as well.
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions
    <div onKeyDown={keys}>
      <Lanes
        peaks={peaks}
        clock={clock}
        durationMs={wholeMs}
        marks={marks}
        speakingAt={speakingAt}
        onSeek={player.seek}
        loading={loadingText(recording)}
      />
      {recording.state === 'ready' && (
        // What is said stands beside it as the transcript.
        // eslint-disable-next-line jsx-a11y/media-has-caption
        <audio ref={audio} src={recording.url} preload="metadata" {...player.on} />
      )}
      <div className="mt-2 flex flex-wrap items-center gap-1">
        <button
          type="button"
          disabled={recording.state !== 'ready'}
          onClick={player.toggle}
          aria-label={player.playing ? 'Pause' : 'Play'}
          className="grid size-9 place-items-center rounded-full bg-brand text-on-brand disabled:opacity-50"
        >
          <svg viewBox="0 0 20 20" className="size-4" fill="currentColor" aria-hidden="true">
            <path d={player.playing ? 'M5 4h3.5v12H5zM11.5 4H15v12h-3.5z' : 'M6 3.5v13l10-6.5z'} />
          </svg>
        </button>
        <span className="num ml-2 text-sm" data-testid="player-time">
          <Position clock={clock} /> <span className="text-muted">/ {duration(wholeMs / 1_000)}</span>
        </span>
        {recording.state === 'loading' && (
          <Button small look="quiet" onClick={recording.stop}>
            Stop loading
          </Button>
        )}
        {recording.state === 'stopped' && (
          <Button small look="quiet" onClick={recording.again}>
            Load the recording
          </Button>
        )}
        <span className="grow" />
        <label className="flex items-center gap-1.5 text-xs text-muted">
          Speed
          <select
            value={player.speed}
            onChange={(event) => {
              player.setSpeed(Number(event.target.value));
            }}
            className="h-8 rounded-lg border border-line bg-surface px-1.5 text-ink"
          >
            {SPEEDS.map((speed) => (
              <option key={speed} value={speed}>
                {speed}×
              </option>
            ))}
          </select>
        </label>
        <IconButton
          icon={player.muted ? 'micOff' : 'wave'}
          label={player.muted ? 'Sound on' : 'Mute'}
          aria-pressed={player.muted}
          onClick={player.toggleMute}
        />
      </div>
    </div>
  );
});

const Position = ({ clock }: { clock: Clock }) => useClock(clock, (ms) => duration(ms / 1_000));

function loadingText(recording: Recording): string | null {
  if (recording.state === 'stopped') return 'Not loaded';
  if (recording.state !== 'loading') return null;
  return recording.share === null ? 'Loading the recording' : `Loading, ${Math.round(recording.share * 100)} %`;
}

function speaking(lines: Line[], ms: number): string {
  const line = lines.find((entry) => entry.role !== 'tool' && entry.startMs <= ms && ms < entry.endMs);
  if (!line) return 'nobody is speaking';
  return line.role === 'user' ? 'the customer is speaking' : 'the bot is speaking';
}
