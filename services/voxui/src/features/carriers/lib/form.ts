/** A carrier as a form, and back: only what changed is sent. A secret is '' while it stays, null to be cleared. */
import type { Carrier, CarrierCreate, CarrierUpdate, RestFields } from '@/generated';

type Secret = string | null;

export interface CarrierForm {
  name: string;
  originate: Carrier['originate'];
  sip_address: string;
  transport: string;
  destination_country: string;
  rest: {
    adapter: RestFields['adapter'];
    base_url: string;
    account_sid: string;
    api_key: Secret;
    api_token: Secret;
    flow_url: string;
  };
  auth_username: string;
  auth_password: Secret;
  inbound_auth_mode: string;
  inbound_auth_username: string;
  inbound_auth_password: Secret;
  inbound_allowed_addresses: string[];
  allowed_addresses: string[];
  outbound_auth_username: string;
  outbound_auth_password: Secret;
  outbound_cps: number;
  outbound_burst: number;
  outbound_channels: number;
}

export const EMPTY: CarrierForm = {
  name: '',
  originate: 'websocket_carrier',
  sip_address: '',
  transport: 'auto',
  destination_country: '',
  rest: { adapter: 'exotel', base_url: '', account_sid: '', api_key: '', api_token: '', flow_url: '' },
  auth_username: '',
  auth_password: '',
  inbound_auth_mode: 'credentials',
  inbound_auth_username: '',
  inbound_auth_password: '',
  inbound_allowed_addresses: [],
  allowed_addresses: [],
  outbound_auth_username: '',
  outbound_auth_password: '',
  outbound_cps: 1,
  outbound_burst: 1,
  outbound_channels: 10,
};

/** Masks stay behind: a secret of the form is what somebody types. */
export function deserialize(carrier: Carrier): CarrierForm {
  const form = { ...EMPTY };
  for (const key of Object.keys(EMPTY) as (keyof CarrierForm)[]) {
    if (key !== 'rest' && !key.endsWith('_password')) Object.assign(form, { [key]: carrier[key] });
  }
  return { ...form, rest: { ...EMPTY.rest, ...carrier.rest, api_key: '', api_token: '' } };
}

/** The fields of the API. The fields of the other way are left out: they keep what they have. */
function fields(form: CarrierForm): CarrierCreate {
  const { rest, sip_address, transport, destination_country, ...shared } = form;
  const {
    auth_username, auth_password, inbound_auth_mode, inbound_auth_username, inbound_auth_password,
    inbound_allowed_addresses, allowed_addresses, outbound_auth_username, outbound_auth_password, ...common
  } = shared; // prettier-ignore
  const name = { ...common, name: form.name.trim() };
  if (form.originate === 'websocket_carrier') {
    return {
      ...name,
      rest: {
        ...rest,
        base_url: rest.base_url.trim(),
        flow_url: rest.adapter === 'exotel' ? rest.flow_url.trim() : '',
      },
    };
  }
  const known = {
    ...name, sip_address: sip_address.trim(), transport, destination_country: destination_country.trim().toUpperCase(),
    auth_username, auth_password, inbound_auth_mode, inbound_auth_username, inbound_auth_password,
    inbound_allowed_addresses, allowed_addresses, outbound_auth_username, outbound_auth_password,
  }; // prettier-ignore
  return known as CarrierCreate;
}

export const toCreate = fields;

/** What differs from the stored carrier; each field is replaced whole. */
export function toUpdate(stored: Carrier, form: CarrierForm): CarrierUpdate {
  const before = fields(deserialize(stored)) as Record<string, unknown>;
  const isSame = (key: string, value: unknown) => JSON.stringify(before[key]) === JSON.stringify(value);
  return Object.fromEntries(Object.entries(fields(form)).filter(([key, value]) => !isSame(key, value)));
}

/** What the server would refuse across fields, by field. */
export function refusalsOf(form: CarrierForm): [string, string][] {
  const found: [string, string][] = [];
  const isSip = form.originate === 'livekit_sip';
  if (form.name.trim() === '') found.push(['name', 'Give it a name.']);
  if (isSip && form.sip_address.trim() === '') found.push(['sip_address', 'The carrier’s host, or host:port.']);
  if (!isSip && form.rest.base_url.trim() === '') found.push(['rest.base_url', 'The address of the carrier’s API.']);
  const addresses = form.inbound_allowed_addresses.length + form.allowed_addresses.length;
  if (isSip && form.inbound_auth_mode === 'ip' && addresses === 0) {
    found.push(['inbound_allowed_addresses', 'At least one address: callers are told apart by it.']);
  }
  return found;
}
