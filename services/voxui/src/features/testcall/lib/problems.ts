/** What went wrong with a test call, and what to do about it. */
import { ApiError } from '@/lib/api';

export interface Trouble {
  title: string;
  text: string;
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

export function startTrouble(error: unknown, seats: number | null): Trouble {
  if (!(error instanceof ApiError)) return { title: 'The call could not be started', text: String(error) };
  if (error.code === 'no_capacity') {
    const all = seats === null ? 'All' : `All ${seats}`;
    return { title: `${all} seats are busy`, text: 'Try again when a call has ended.' };
  }
  if (error.code === 'no_fleet' || error.code === 'no_healthy_fleet') {
    return {
      title: 'No worker is there to take the call',
      text: `${error.message} Look at Fleet for the state of each worker.`,
    };
  }
  return { title: 'The call could not be started', text: error.message };
}

/** Why a socket closed; null for a normal end. `opened`: it had been open before. */
export function socketTrouble(code: number, reason: string, opened: boolean, address: string): Trouble | null {
  if (code === 1000 || (code === 1005 && opened)) return null;
  const host = address.replace(/^wss?:\/\//, '').split('/')[0] ?? '';
  if (!opened) {
    return {
      title: 'The worker cannot be reached from this browser',
      text: `It should answer at ${host}. Check that this computer may reach that address, or set the public socket address under Settings, Fleet.`,
    };
  }
  const said = reason ? ` (${reason})` : '';
  if (code === 1008)
    return { title: 'The worker refused the call', text: `It did not accept how the call began${said}.` };
  if (code === 1011)
    return { title: 'The worker had an error', text: `The call ended early${said}. Its log names the cause.` };
  if (code === 1013) return { title: 'The worker is busy', text: 'Another call took the seat. Try again.' };
  return { title: 'The connection was lost', text: `The socket closed with code ${code}${said}.` };
}
