import type { Tone } from '@/components/badge';
import type { Carrier, Did } from '@/generated';

interface Look {
  label: string;
  tone: Tone;
}

export const WAY_LABEL: Record<Carrier['originate'], string> = {
  websocket_carrier: 'Carrier rings, websocket',
  livekit_sip: 'SIP over LiveKit',
};

export const DIRECTION_LABEL: Record<Did['direction'], string> = {
  both: 'In and out',
  inbound: 'Inbound',
  outbound: 'Outbound',
};

export const ADAPTER_LABEL: Record<NonNullable<Carrier['rest']>['adapter'], string> = {
  voxphone: 'Voxphone',
  exotel: 'Exotel',
  twilio: 'Twilio',
  plivo: 'Plivo',
  telnyx: 'Telnyx',
};

const SYNC: Record<Carrier['lk_sync_status'], Look> = {
  synced: { label: 'Synced', tone: 'ok' },
  pending: { label: 'Pending', tone: 'warn' },
  error: { label: 'Error', tone: 'bad' },
};

const BREAKER: Record<NonNullable<Carrier['breaker']>['state'], Look> = {
  closed: { label: 'Closed', tone: 'ok' },
  half_open: { label: 'Trying again', tone: 'warn' },
  open: { label: 'Open: no calls', tone: 'bad' },
};

/** A state of a newer server is shown as it is, grey. */
export const syncLook = (status: Carrier['lk_sync_status']): Look => SYNC[status] ?? { label: status, tone: 'neutral' };
export const breakerLook = (state: NonNullable<Carrier['breaker']>['state']): Look =>
  BREAKER[state] ?? { label: state, tone: 'neutral' };

/** Where its calls are placed. */
export const addressOf = (carrier: Carrier) =>
  carrier.originate === 'livekit_sip' ? carrier.sip_address : (carrier.rest?.base_url ?? '');

/** How callers of the carrier prove who they are. */
export const authenticationOf = (carrier: Carrier) =>
  carrier.originate === 'websocket_carrier'
    ? 'API key'
    : carrier.inbound_auth_mode === 'ip'
      ? 'IP address'
      : 'Password';

/** `5/s · burst 5 · 50 channels`. */
export const rateOf = (carrier: Carrier) =>
  `${carrier.outbound_cps}/s · burst ${carrier.outbound_burst} · ${carrier.outbound_channels} channels`;
