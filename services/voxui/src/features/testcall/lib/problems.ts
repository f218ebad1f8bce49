/** What went wrong with a test call, and what to do about it. */
import type { FleetStatus } from '@/generated';
import { ApiError } from '@/lib/api';

export interface Trouble {
  title: string;
  text: string;
  /** The refusal itself, when it says how long to wait: the time is shown, and the button waits. */
  error?: ApiError;
}

export function microphoneTrouble(error: unknown): Trouble {
  const name = error instanceof DOMException ? error.name : '';
  if (name === 'NotAllowedError') {
    return {
      title: 'The microphone is not allowed',
      text: 'Allow it for this page: press the icon at the left of the address (Safari: Settings, Websites, Microphone), then try again.',
    };
  }
  if (name === 'NotFoundError' || name === 'OverconstrainedError') {
    return {
      title: 'No microphone was found',
      text: 'Connect one, or choose another one in the list, then try again.',
    };
  }
  if (name === 'NotReadableError') {
    return { title: 'The microphone is in use', text: 'Another program holds it. Close that program, then try again.' };
  }
  return { title: 'The microphone could not be opened', text: error instanceof Error ? error.message : String(error) };
}

/** Browsers give a microphone only to pages of https or of this computer. */
export const INSECURE: Trouble = {
  title: 'This page may not use a microphone',
  text: 'Browsers allow it on https addresses and on localhost only. Open the console by one of these.',
};

/** What the fleet says of itself when a call is refused; null: it cannot be asked either. */
export type Fleet = Pick<FleetStatus, 'total_capacity' | 'active_calls' | 'seats'> | null;

const allBusy = (fleet: Fleet): Trouble => ({
  title: `${fleet === null ? 'All' : `All ${fleet.total_capacity}`} seats are busy`,
  text: 'Try again when a call has ended.',
});

export function startTrouble(error: unknown, fleet: Fleet): Trouble {
  if (!(error instanceof ApiError)) return { title: 'The call could not be started', text: String(error) };
  if (error.code === 'no_capacity') return allBusy(fleet);
  if (error.code === 'no_fleet' || error.code === 'no_healthy_fleet') {
    return {
      title: 'No worker is there to take the call',
      text: `${error.message} Look at Fleet for the state of each worker.`,
    };
  }
  if (error.waitUntil > 0) return { title: 'Too many calls were asked for', text: error.message, error };
  if (error.code === 'quota_exceeded') {
    return {
      title: 'No more calls are allowed now',
      text: `${error.message} Try again when a call has ended, or raise the quota under Fleet.`,
    };
  }
  return { title: 'The call could not be started', text: error.message };
}

/** What a refused call by phone is called; the text is the server's, and this is what to do. */
const DIAL: Record<string, { title: string; cure: string }> = {
  do_not_call: {
    title: 'The number is on the do-not-call list',
    cure: 'Take it off the list, or call another number.',
  },
  number_invalid: { title: 'This is not a telephone number', cure: 'Write it with the country code: +1 555 0100.' },
  number_unknown: { title: 'There is no number to call from', cure: 'Look at Carriers.' },
  outside_active_hours: {
    title: 'The bot is off duty now',
    cure: 'Its active hours are set under Edit, Identity.',
  },
  bot_inactive: { title: 'The bot is inactive', cure: 'Activate it under Edit, Identity.' },
  livekit_not_configured: { title: 'LiveKit is not set up', cure: 'Choose a number of a carrier with its own media.' },
  carrier_refused: { title: 'The carrier did not take the call', cure: 'Check its account and limits under Carriers.' },
  carrier_unavailable: { title: 'The carrier cannot be reached', cure: 'Check its address under Carriers.' },
  start_unknown: { title: 'It is not known whether it rings', cure: 'Look for it under Calls before you try again.' },
};

export function dialTrouble(error: unknown, fleet: Fleet): Trouble {
  const known = error instanceof ApiError ? DIAL[error.code] : undefined;
  if (!(error instanceof ApiError) || !known) return startTrouble(error, fleet);
  return { title: known.title, text: `${error.message} ${known.cure}` };
}

/** Why a socket never opened. Browsers do not tell: a full fleet refuses like a wall in between. */
export function refusedTrouble(fleet: Fleet, address: string): Trouble {
  // A seat that still saves the result of a call takes no other one.
  const wrapping = (fleet?.seats ?? []).filter(({ state }) => state === 'wrapping').length;
  if (fleet && fleet.total_capacity > 0 && fleet.active_calls + wrapping >= fleet.total_capacity) return allBusy(fleet);
  const host = address.replace(/^wss?:\/\//, '').split('/')[0] ?? '';
  return {
    title: `Worker unreachable at ${host}`,
    text: 'Check that this computer may reach that address, or set the public socket address under Settings, Fleet.',
  };
}

/** Why an open socket closed; null for a normal end. */
export function socketTrouble(code: number, reason: string): Trouble | null {
  if (code === 1000 || code === 1005) return null;
  const said = reason ? ` (${reason})` : '';
  if (code === 1008)
    return { title: 'The worker refused the call', text: `It did not accept how the call began${said}.` };
  if (code === 1011)
    return { title: 'The worker had an error', text: `The call ended early${said}. Its log names the cause.` };
  if (code === 1013) return { title: 'The worker is busy', text: 'Another call took the seat. Try again.' };
  return { title: 'The connection was lost', text: `The socket closed with code ${code}${said}.` };
}
