/** Words and colours of states. A value of a newer server is shown as it is, grey. */
import type { Tone } from '@/components/badge';
import { words } from '@/lib/format';

interface Look {
  label: string;
  tone: Tone;
}

const STATUS: Record<string, Look> = {
  draft: { label: 'Draft', tone: 'neutral' },
  running: { label: 'Running', tone: 'ok' },
  paused: { label: 'Paused', tone: 'warn' },
  completed: { label: 'Completed', tone: 'info' },
  failed: { label: 'Failed', tone: 'bad' },
};
export const STATUSES = Object.keys(STATUS);

const REASON: Record<string, string> = {
  all_contacts_done: 'Every contact is done',
  manual_stop: 'Stopped by hand',
  window_closed: 'The window of the run closed',
  bot_missing: 'Its bot is gone',
  no_numbers: 'None of its numbers can call out any more',
};

const CONTACT: Record<string, Look> = {
  pending: { label: 'Waiting', tone: 'neutral' },
  retry_scheduled: { label: 'Retry scheduled', tone: 'warn' },
  callback_scheduled: { label: 'Callback scheduled', tone: 'violet' },
  leased: { label: 'Next to dial', tone: 'info' },
  dialling: { label: 'Dialling', tone: 'info' },
  ringing: { label: 'Ringing', tone: 'info' },
  amd_screening: { label: 'Screening', tone: 'info' },
  attaching: { label: 'Connecting the bot', tone: 'info' },
  in_progress: { label: 'In a call', tone: 'info' },
  _processing: { label: 'Saving the result', tone: 'info' },
  completed: { label: 'Completed', tone: 'ok' },
  exhausted: { label: 'Out of tries', tone: 'bad' },
  abandoned: { label: 'Abandoned', tone: 'bad' },
  amd_machine: { label: 'Answering machine', tone: 'violet' },
  window_closed: { label: 'Window closed', tone: 'neutral' },
  manual_stopped: { label: 'Stopped by hand', tone: 'neutral' },
  excluded: { label: 'Excluded', tone: 'neutral' },
};
export const CONTACT_STATES = Object.entries(CONTACT).map(([value, look]) => ({ value, label: look.label }));

const OUTCOME: Record<string, string> = {
  bot: 'Bot ended the call',
  customer: 'Customer ended the call',
  voicemail: 'Voicemail',
  RNR: 'No reaction',
  outside_hours: 'Outside the bot’s hours',
  timeout: 'Longest call reached',
  error: 'Error',
  no_answer: 'No answer',
  rejected: 'Rejected',
  transfer_to_agent: 'Handed to an agent',
  invalid_number: 'Invalid number',
  amd_machine: 'Answering machine',
  abandoned: 'Abandoned',
  excluded: 'Excluded',
  not_placed: 'Not placed',
};

/** Outcomes after which a contact can be dialled again. */
export const RETRYABLE = [
  'no_answer', 'rejected', 'RNR', 'error', 'timeout', 'voicemail', 'outside_hours', 'abandoned', 'amd_machine',
] as const; // prettier-ignore

const ACTION: Record<string, string> = {
  create: 'Created',
  start: 'Started',
  resume: 'Resumed',
  pause: 'Paused',
  stop: 'Stopped',
  restart: 'Restart prepared',
  'cancel-restart': 'Restart called off',
  complete: 'Completed',
  fail: 'Failed',
};

export const CALLBACKS = [
  { value: 'requested', label: 'Callback requested' },
  { value: 'pending', label: 'Callback pending' },
  { value: 'completed', label: 'Callback completed' },
  { value: 'cancelled', label: 'Callback cancelled' },
] as const;

export const DAYS = [
  ['mon', 'Mon'],
  ['tue', 'Tue'],
  ['wed', 'Wed'],
  ['thu', 'Thu'],
  ['fri', 'Fri'],
  ['sat', 'Sat'],
  ['sun', 'Sun'],
] as const;

export const statusLook = (status: string): Look => STATUS[status] ?? { label: words(status), tone: 'neutral' };
export const contactLook = (status: string): Look => CONTACT[status] ?? { label: words(status), tone: 'neutral' };
export const reasonText = (reason: string | null) => (reason ? (REASON[reason] ?? words(reason)) : '');
export const outcomeText = (outcome: string | null | undefined) =>
  outcome ? (OUTCOME[outcome] ?? words(outcome)) : '–';
export const actionText = (action: string) => ACTION[action] ?? words(action.replaceAll('-', ' '));
