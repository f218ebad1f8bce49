/** `live`, the block that voxdialler writes of a campaign, read without trust: a field may be absent, or of a newer one. */
import type { CampaignStats } from '@/generated';
import { dateTime, plural, words } from '@/lib/format';

type Block = Record<string, unknown>;

export interface Pass {
  pass: number;
  attempted: number;
  eligible: number;
  connected: number;
  connectRate: number | null;
  startedAt: string | null;
  endedAt: string | null;
}

/** Numbers and words as they are shown, of a block whose fields are all optional. */
export interface Live {
  state: string;
  nextAt: string | null;
  updatedAt: string | null;
  blocked: { reason: string; key: string | null; since: string | null; evidence: Block[] } | null;
  active: Record<string, number>;
  ringing: number;
  inProgress: number;
  dialsPerSecond: number | null;
  connectedPerHour: number | null;
  pickUpSeconds: number | null;
  lastDialAt: string | null;
  callbacks: number | null;
  etaAt: string | null;
  passes: Pass[];
  pacing: Block | null;
}

const isBlock = (value: unknown): value is Block =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const numberOf = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null;
export const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
const blocksOf = (value: unknown): Block[] => (Array.isArray(value) ? value.filter(isBlock) : []);

export function readLive(block: Block | null): Live | null {
  if (!block) return null;
  const active = isBlock(block.active) ? block.active : {};
  const blocked = isBlock(block.blocked) ? block.blocked : null;
  return {
    state: textOf(block.state) ?? '',
    nextAt: textOf(block.next_at),
    updatedAt: textOf(block.updated_at),
    blocked: blocked && {
      reason: textOf(blocked.reason) ?? '',
      key: textOf(blocked.key),
      since: textOf(blocked.since),
      evidence: blocksOf(blocked.evidence),
    },
    active: Object.fromEntries(Object.entries(active).map(([state, count]) => [state, numberOf(count) ?? 0])),
    ringing: numberOf(block.ringing) ?? 0,
    inProgress: numberOf(block.in_progress) ?? 0,
    dialsPerSecond: numberOf(block.dials_per_second),
    connectedPerHour: numberOf(block.connected_per_hour),
    pickUpSeconds: numberOf(block.avg_ring_seconds),
    lastDialAt: textOf(block.last_dial_at),
    callbacks: numberOf(block.callbacks_queued),
    etaAt: textOf(block.eta_at),
    passes: blocksOf(block.passes).map(passOf),
    pacing: isBlock(block.pacing) ? block.pacing : null,
  };
}

const passOf = (block: Block): Pass => ({
  pass: numberOf(block.pass) ?? 0,
  attempted: numberOf(block.attempted) ?? 0,
  eligible: numberOf(block.eligible) ?? 0,
  connected: numberOf(block.connected) ?? 0,
  connectRate: numberOf(block.connect_rate),
  startedAt: textOf(block.started_at),
  endedAt: textOf(block.ended_at),
});

/** Why nothing is dialled, what the dialler does next, and what a person can do. */
const BLOCKED: Record<string, { title: string; next: string }> = {
  no_capacity: {
    title: 'no free seat',
    next: 'The dialler goes on as soon as a call ends. More seats, or fewer campaigns at once, help.',
  },
  quota: {
    title: 'the campaign’s share of the fleet is used up',
    next: 'The dialler goes on when one of its calls ends. A higher quota under Fleet helps.',
  },
  registry_away: {
    title: 'the registry of seats cannot be reached',
    next: 'The dialler asks it again and again, and goes on by itself.',
  },
  voxbridge_away: { title: 'voxbridge cannot be reached', next: 'The dialler asks again, and goes on by itself.' },
  store_away: { title: 'the database cannot be reached', next: 'The dialler asks again, and goes on by itself.' },
  carrier_breaker: {
    title: 'the carrier failed too often',
    next: 'After a pause the dialler makes one call to find out whether the carrier works again. Check its account and address under Carriers.',
  },
  campaign_breaker: {
    title: 'too many calls of this campaign failed in a row',
    next: 'After a pause the dialler makes one call to find out whether they work again. The list below says what failed.',
  },
  livekit_not_configured: {
    title: 'LiveKit is not set up',
    next: 'The carriers of these numbers need it: set it up, or choose numbers of another carrier.',
  },
  numbers_busy: {
    title: 'no number of the pool can be used',
    next: 'The dialler goes on when a number is free again. More numbers, or more channels at the carrier, help.',
  },
  clock_skew: {
    title: 'the dialler’s clock is wrong',
    next: 'It dials again when its clock agrees with the database. Check the time service of its host.',
  },
};

export const blockedTitle = (reason: string) => BLOCKED[reason]?.title ?? words(reason).toLowerCase();
export const blockedNext = (reason: string) => BLOCKED[reason]?.next ?? 'The dialler goes on by itself when it can.';

/** What the dialler does with the campaign now, as a sentence without its full stop. */
export function stateLine(status: string, live: Live | null, zone: string, now: number): string {
  const calls = live ? callsNow(live) : 0;
  const lasting = calls > 0 ? `; ${plural(calls, 'call')} still ${calls === 1 ? 'lasts' : 'last'}` : '';
  if (status === 'draft') return 'Not started';
  if (status === 'paused') return `Paused: nobody is dialled${lasting}`;
  if (status !== 'running') return `Ended${lasting}`;
  if (!live?.state) return 'Waiting for the dialler to take it up';
  const at = live.nextAt ? dateTime(live.nextAt, zone, now) : null;
  switch (live.state) {
    case 'dialling':
      return 'Dialling';
    case 'idle':
      return 'Nothing is due now';
    case 'waiting_retries':
      return `Waiting for retries${at ? `, next ${at}` : ''}`;
    case 'outside_window':
      return `Outside the window${at ? `, opens ${at}` : ''}`;
    case 'blocked':
      return `Blocked: ${blockedTitle(live.blocked?.reason ?? '')}`;
    case 'dialler_away':
      return live.updatedAt
        ? `No sign of life from the dialler since ${dateTime(live.updatedAt, zone, now)}`
        : 'The dialler has not taken it up';
    case 'draining':
      return `Ending${lasting}`;
    default:
      return words(live.state);
  }
}

/** Contacts that a call, or a dial, is under way for. */
export const callsNow = (live: Live) => Object.values(live.active).reduce((sum, count) => sum + count, 0);

/** Whether figures still move: it runs, or a contact is in a call or waits for its callback. */
export const isLive = (campaign: { status: string; stats: CampaignStats; live: Block | null }) => {
  const live = readLive(campaign.live);
  const { in_flight = 0, callback_pending = 0 } = campaign.stats;
  return (
    campaign.status === 'running' || in_flight > 0 || callback_pending > 0 || (live !== null && callsNow(live) > 0)
  );
};

const WHY: Record<string, string> = {
  reserved: 'Each dial has its own free seat, so nobody who answers is left alone.',
};

/** The last decision of the pacing, as a sentence. */
export function paceSentence(pacing: Block): string {
  const seats = numberOf(pacing.seats);
  const mode = textOf(pacing.mode_now) ?? textOf(pacing.mode) ?? '';
  const set = textOf(pacing.mode);
  const parts = [WHY[mode] ?? `It dials ahead of free seats, as far as the abandon rate allows.`];
  if (set && mode && set !== mode) parts.push(`The campaign is set to ${set}; for now ${mode} is used.`);
  if (seats !== null) parts.push(`It may use ${plural(seats, 'seat')} now.`);
  const brake = numberOf(pacing.brake);
  if (brake !== null && brake < 1) parts.push(`The abandon rate slows it to ${Math.round(brake * 100)} %.`);
  return parts.join(' ');
}
