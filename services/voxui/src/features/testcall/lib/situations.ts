/** What is worth trying on a telephone before a bot calls people, and what of it somebody has ticked for a bot. */
import { useState } from 'react';

export interface Situation {
  key: string;
  /** What the person at the telephone does. */
  title: string;
  /** What a good call then shows. */
  expect: string;
}

export const SITUATIONS: readonly Situation[] = [
  { key: 'normal_end', title: 'Get what you want and say goodbye', expect: 'The bot hangs up; the disposition fits.' },
  { key: 'silence', title: 'Answer and say nothing', expect: 'The bot asks again, then ends the call as its re-engagement says.' },
  { key: 'hang_up', title: 'Hang up in the middle of its sentence', expect: 'The call ends at once: disconnected by the customer.' },
  { key: 'barge_in', title: 'Interrupt it', expect: 'It stops speaking, and answers what you said.' },
  { key: 'backchannel', title: 'Say “mhm” while it speaks', expect: 'It goes on, unless its words to interrupt ask for less.' },
  { key: 'off_topic', title: 'Ask for something that is not its business', expect: 'It stays with its task and invents nothing.' },
  { key: 'tool', title: 'Ask for what only a tool knows', expect: 'The answer is right; the call shows the tool and its time.' },
  { key: 'transfer', title: 'Ask for a person', expect: 'The call is transferred, or the bot says why it is not.' },
  { key: 'callback', title: 'Ask to be called tomorrow at ten', expect: 'The analysis names the time.' },
  { key: 'opt_out', title: 'Ask never to be called again', expect: 'The bot accepts it; the disposition says so.' },
  { key: 'voicemail', title: 'Let your mailbox answer', expect: 'It leaves its message or hangs up, as its voicemail detection says.' },
  { key: 'refused', title: 'Refuse the call', expect: 'The window says that nobody answered; no seat stays taken.' },
]; // prettier-ignore

const keyOf = (botId: string) => `vox_phone_tests_${botId}`;

function stored(botId: string): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(keyOf(botId)) ?? '[]');
    return SITUATIONS.map(({ key }) => key).filter((key) => Array.isArray(kept) && kept.includes(key));
  } catch {
    return [];
  }
}

/** The keys of the situations that are ticked for a bot in this browser, and how to change them. */
export function useTicks(botId: string): [string[], (next: string[]) => void] {
  const [ticked, setTicked] = useState(() => stored(botId));
  const change = (next: string[]) => {
    setTicked(next);
    try {
      localStorage.setItem(keyOf(botId), JSON.stringify(next));
    } catch {
      // Storage may be blocked: the ticks then last until the page is left.
    }
  };
  return [ticked, change];
}
