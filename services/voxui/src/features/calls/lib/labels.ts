import type { Tone } from '@/components/badge';
import { words } from '@/lib/format';

interface Look {
  label: string;
  tone: Tone;
}

const STATUS: Record<string, Look> = {
  in_progress: { label: 'Live', tone: 'info' },
  completed: { label: 'Completed', tone: 'ok' },
  voicemail: { label: 'Voicemail', tone: 'violet' },
  failed: { label: 'Failed', tone: 'bad' },
};

const ENDED_BY: Record<string, string> = {
  bot: 'Bot',
  customer: 'Customer',
  voicemail: 'Voicemail',
  RNR: 'No reaction',
  timeout: 'Longest call reached',
  error: 'Error',
  no_answer: 'No answer',
  rejected: 'Rejected',
  outside_hours: 'Outside hours',
  transfer_to_agent: 'Handed to an agent',
};

const EVENT: Record<string, string> = {
  bot_started: 'Bot begins to speak',
  bot_stopped: 'Bot is silent',
  user_started: 'Customer begins to speak',
  user_stopped: 'Customer is silent',
};

/** A state of a newer server is shown as it is, grey. */
export const statusLook = (status: string): Look => STATUS[status] ?? { label: words(status), tone: 'neutral' };
export const eventText = (type: string) => EVENT[type] ?? words(type);
export const endedBy = (value: string | null | undefined) => (value ? (ENDED_BY[value] ?? words(value)) : '–');

export const STATUSES = Object.entries(STATUS).map(([value, look]) => ({ value, label: look.label }));
export const ENDINGS = Object.entries(ENDED_BY).map(([value, label]) => ({ value, label }));
export const TRANSPORTS = [
  { value: 'ws', label: 'WebSocket' },
  { value: 'exotel', label: 'Exotel' },
  { value: 'twilio', label: 'Twilio' },
  { value: 'plivo', label: 'Plivo' },
  { value: 'telnyx', label: 'Telnyx' },
  { value: 'livekit', label: 'LiveKit' },
];
