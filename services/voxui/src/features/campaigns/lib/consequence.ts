/** Which actions a state allows, and what each does, in numbers. */
import type { CampaignStats } from '@/generated';
import { plural } from '@/lib/format';

export type Action =
  'start' | 'resume' | 'pause' | 'stop' | 'restart-all' | 'restart-unfinished' | 'cancel-restart' | 'clone' | 'delete';

interface Known {
  status: string;
  started_at: string | null;
  prepared_run: unknown;
  stats: CampaignStats;
}

/** In the order in which they are offered; the first is the main one. */
export function actionsOf(campaign: Known): Action[] {
  switch (campaign.status) {
    case 'draft':
      return campaign.prepared_run ? ['start', 'cancel-restart', 'clone'] : ['start', 'clone', 'delete'];
    case 'running':
      return ['pause', 'stop', 'clone'];
    case 'paused':
      return ['resume', 'stop', 'clone'];
    case 'completed':
    case 'failed':
      return ['restart-unfinished', 'restart-all', 'clone'];
    default:
      return [];
  }
}

export const mayEdit = (campaign: Known) => campaign.status === 'draft' || campaign.status === 'paused';

export const ACTION_LABEL: Record<Action, string> = {
  start: 'Start',
  resume: 'Resume',
  pause: 'Pause',
  stop: 'Stop',
  'restart-all': 'Restart all',
  'restart-unfinished': 'Restart unfinished',
  'cancel-restart': 'Cancel restart',
  clone: 'Clone',
  delete: 'Delete',
};

export const ACTION_BUSY: Record<Action, string> = {
  start: 'Starting …',
  resume: 'Resuming …',
  pause: 'Pausing …',
  stop: 'Stopping …',
  'restart-all': 'Preparing …',
  'restart-unfinished': 'Preparing …',
  'cancel-restart': 'Cancelling …',
  clone: 'Cloning …',
  delete: 'Deleting …',
};

export const ACTION_DONE: Record<Action, string> = {
  start: 'runs now',
  resume: 'runs again',
  pause: 'is paused',
  stop: 'is stopped',
  'restart-all': 'is ready for another run: start it when you like',
  'restart-unfinished': 'is ready for another run: start it when you like',
  'cancel-restart': 'is as it was before',
  clone: 'is cloned',
  delete: 'is deleted',
};

/** Whether somebody is asked first: not for what changes no contact and no call. */
export const asks = (action: Action) => action !== 'clone';

const waitingOf = ({ pending = 0, retry_scheduled = 0, callback_pending = 0 }: CampaignStats) =>
  pending + retry_scheduled + callback_pending;

const goesOn = (calls: number) => `${plural(calls, 'live call')} ${calls === 1 ? 'goes' : 'go'} on`;

/** What happens, before it happens. */
export function consequence(action: Action, { stats, prepared_run }: Known): string {
  const waiting = waitingOf(stats);
  const calls = stats.in_flight ?? 0;
  const total = stats.total_calls ?? 0;
  const unfinished = total - (stats.completed ?? 0);
  const contacts = (count: number) => plural(count, 'contact');
  switch (action) {
    case 'start':
      // Who is on the do-not-call list is in the list, and not called. A prepared run shows the figures of the one before.
      return `${contacts(prepared_run ? total : waiting)} can be called from now on, inside the window. Name, bot and list stay as they are once it has begun.`;
    case 'resume':
      return `${contacts(waiting)} that ${waiting === 1 ? 'waits' : 'wait'} can be called again, inside the window.`;
    case 'pause':
      return `No further number is dialled: ${contacts(waiting)} ${waiting === 1 ? 'waits' : 'wait'} until it is resumed. ${goesOn(calls)}.`;
    case 'stop':
      return `${plural(waiting, 'waiting contact')} ${waiting === 1 ? 'becomes' : 'become'} manual_stopped and ${waiting === 1 ? 'is' : 'are'} not called any more; ${goesOn(calls)}. The campaign ends; a later restart begins a new run.`;
    case 'restart-all':
      return `${total === 1 ? '1 contact is' : `All ${contacts(total)} are`} made ready for another run, completed ones (${(stats.completed ?? 0).toLocaleString('en')}) too. Nobody is called before you start it, and until then the restart can be called off.`;
    case 'restart-unfinished':
      return `${contacts(unfinished)} that ${unfinished === 1 ? 'is' : 'are'} not completed ${unfinished === 1 ? 'is' : 'are'} made ready for another run. Nobody is called before you start it, and until then the restart can be called off.`;
    case 'cancel-restart':
      return `The prepared run goes; ${contacts(total)} and the figures of the former run stay as they were.`;
    case 'delete':
      return `1 campaign goes with its ${contacts(total)}. Nobody can bring them back.`;
    case 'clone':
      return '';
  }
}

const CURES: Record<string, { label: string; to: 'edit' | 'bot' | 'carriers' | 'contacts' }> = {
  bot_missing: { label: 'Choose a bot', to: 'edit' },
  bot_inactive: { label: 'Open the bot', to: 'bot' },
  number_pool_empty: { label: 'Choose numbers', to: 'edit' },
  number_unknown: { label: 'Open the carriers', to: 'carriers' },
  number_inbound_only: { label: 'Open the carriers', to: 'carriers' },
  concurrency_limit: { label: 'Change the settings', to: 'edit' },
  time_window: { label: 'Change the window', to: 'edit' },
  upload_in_progress: { label: 'Load the contacts', to: 'edit' },
  no_contacts: { label: 'Add contacts', to: 'edit' },
  calls_active: { label: 'See the contacts in a call', to: 'contacts' },
};

/** Where what prevents a start can be put right; each place once. */
export function curesOf(reasons: unknown) {
  const known = (Array.isArray(reasons) ? reasons : []).flatMap((reason) => CURES[String(reason)] ?? []);
  return known.filter((cure, at) => known.findIndex((other) => other.label === cure.label) === at);
}
