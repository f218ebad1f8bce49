import { useState } from 'react';

import { Button } from '@/components/button';
import { Icon } from '@/components/icons';
import { duration, milliseconds } from '@/lib/format';
import { useNow } from '@/lib/hooks';

import type { CallState } from '../lib/browser-call';

interface LiveCallProps {
  botName: string;
  state: CallState;
  onMute: (muted: boolean) => void;
  onPress: (digit: string) => void;
  onHangUp: () => void;
}

const SAYS = {
  asking: 'Your browser asks for the microphone. Allow it to go on.',
  connecting: 'Reserving a seat and connecting …',
} as const;

export function LiveCall({ botName, state, onMute, onPress, onHangUp }: LiveCallProps) {
  const now = useNow(500);
  const [muted, setMuted] = useState(false);
  const [keys, setKeys] = useState(false);
  const talking = state.phase === 'talking';
  const says =
    state.phase === 'asking' || state.phase === 'connecting'
      ? SAYS[state.phase]
      : state.botSpeaks
        ? `${botName} is speaking`
        : muted
          ? 'You are muted'
          : 'Your turn: speak';
  return (
    <div className="space-y-5">
      <div className="rounded-xl bg-sunken px-4 py-6 text-center">
        <p role="status" className="text-sm font-medium">
          {says}
        </p>
        <p className="num mt-1 text-3xl font-semibold tracking-tight" data-testid="call-timer">
          {talking && state.answeredAt !== null ? duration((now - state.answeredAt) / 1_000) : '0:00'}
        </p>
        <div className="mx-auto mt-5 grid max-w-sm grid-cols-2 gap-6">
          <Meter label="You" level={muted ? 0 : state.mic} colour="bg-info" />
          <Meter label={botName} level={state.bot} colour="bg-brand" />
        </div>
        <p className="num mt-4 h-5 text-xs text-muted">
          {state.reactionMs !== null && `Last answer came ${milliseconds(state.reactionMs)} after your last word`}
        </p>
      </div>
      {keys && <Keypad onPress={onPress} />}
      <div className="flex flex-wrap justify-center gap-2">
        <Button
          icon={muted ? 'micOff' : 'mic'}
          aria-pressed={muted}
          disabled={!talking}
          onClick={() => {
            onMute(!muted);
            setMuted(!muted);
          }}
        >
          {muted ? 'Unmute' : 'Mute'}
        </Button>
        <Button
          icon="keypad"
          aria-expanded={keys}
          disabled={!talking}
          onClick={() => {
            setKeys(!keys);
          }}
        >
          Keypad
        </Button>
        <Button look="danger" icon="hangup" onClick={onHangUp}>
          Hang up
        </Button>
      </div>
    </div>
  );
}

const BARS = [0.15, 0.3, 0.5, 0.75, 1, 0.75, 0.5, 0.3, 0.15];

/** How loud one side is; the words above say who speaks. */
function Meter({ label, level, colour }: { label: string; level: number; colour: string }) {
  const loud = Math.min(1, Math.sqrt(level) * 1.2);
  return (
    <div aria-hidden="true">
      <div className="flex h-10 items-center justify-center gap-1">
        {BARS.map((share, at) => (
          <span
            key={at}
            className={`w-1.5 rounded-full transition-[height] duration-75 ${level > 0.01 ? colour : 'bg-line-strong'}`}
            style={{ height: `${Math.max(12, loud * share * 100)}%` }}
          />
        ))}
      </div>
      <p className="mt-1 flex items-center justify-center gap-1 truncate text-xs text-muted">
        <Icon name={label === 'You' ? 'mic' : 'bots'} className="size-3.5" />
        {label}
      </p>
    </div>
  );
}

function Keypad({ onPress }: { onPress: (digit: string) => void }) {
  return (
    <div className="mx-auto grid w-48 grid-cols-3 gap-2" role="group" aria-label="Keypad">
      {['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#'].map((digit) => (
        <Button
          key={digit}
          onClick={() => {
            onPress(digit);
          }}
        >
          {digit}
        </Button>
      ))}
    </div>
  );
}
