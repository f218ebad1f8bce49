/** What a person should know before the campaign is saved. Pure. */
import type { Carrier } from '@/generated';
import { plural } from '@/lib/format';

import type { CampaignForm } from './form';

const callsOut = (direction: string) => direction !== 'inbound';

export interface PoolNumber {
  number: string;
  label: string;
}

export interface PoolCarrier {
  carrier: Carrier;
  numbers: PoolNumber[];
}

/** Numbers that can call out, by carrier; carriers without one are left out. */
export const poolOf = (carriers: Carrier[]): PoolCarrier[] =>
  carriers
    .map((carrier) => ({ carrier, numbers: carrier.dids.filter((did) => callsOut(did.direction)) }))
    .filter(({ numbers }) => numbers.length > 0);

/** Numbers of the pool that no carrier calls out with any more. */
export const strays = (pool: string[], carriers: Carrier[]) => {
  const known = new Set(poolOf(carriers).flatMap(({ numbers }) => numbers.map(({ number }) => number)));
  return pool.filter((number) => !known.has(number));
};

/** Minutes from start to end of a window; over midnight and all day included. */
export function windowMinutes(start: string, end: string): number {
  const minutes = (clock: string) => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3, 5));
  const length = minutes(end) - minutes(start);
  return length > 0 ? length : length + 24 * 60;
}

/** `rows`: contacts of the list where known; `seats`: of the fleet where known. */
export function warnings(form: CampaignForm, carriers: Carrier[], rows: number | null, seats: number | null): string[] {
  const { config, number_pool: pool } = form;
  const used = poolOf(carriers)
    .filter(({ numbers }) => numbers.some(({ number }) => pool.includes(number)))
    .map(({ carrier }) => carrier);
  const channels = used.reduce((sum, carrier) => sum + carrier.outbound_channels, 0);
  const perSecond = used.reduce((sum, carrier) => sum + carrier.outbound_cps, 0);
  const found: string[] = [];
  const limit = config.concurrency_limit;
  if (seats !== null && limit > seats) {
    found.push(`${plural(limit, 'call')} at a time are more than the ${plural(seats, 'seat')} of the fleet.`);
  }
  if (used.length > 0 && limit > channels) {
    found.push(
      `${plural(limit, 'call')} at a time are more than the ${plural(channels, 'channel')} of the chosen carriers.`,
    );
  }
  const minutes = windowMinutes(config.time_window.start, config.time_window.end);
  if (rows !== null && perSecond > 0 && config.campaign_mode === 'single_day' && rows > perSecond * minutes * 60) {
    found.push(
      `The window of ${plural(minutes, 'minute')} is too short: at ${perSecond} dials per second only ${Math.floor(perSecond * minutes * 60).toLocaleString('en')} of ${rows.toLocaleString('en')} contacts get a first try.`,
    );
  }
  const lost = strays(pool, carriers);
  if (lost.length > 0) found.push(`No carrier calls out with ${lost.slice(0, 5).join(', ')}; they are skipped.`);
  const broken = used.filter((carrier) => carrier.lk_sync_status === 'error');
  if (broken.length > 0) found.push(`${broken.map((carrier) => carrier.name).join(', ')}: not in step with LiveKit.`);
  return found;
}
