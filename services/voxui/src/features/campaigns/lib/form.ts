/** The wizard's form: the body of the API, with every field set. */
import { zodResolver } from '@hookform/resolvers/zod';
import type { Resolver } from 'react-hook-form';
import { z } from 'zod';

import type { CampaignConfig, CampaignUpdate } from '@/generated';

type Day = NonNullable<NonNullable<CampaignConfig['time_window']>['days']>[number];
type Outcome = NonNullable<NonNullable<CampaignConfig['redial_rules']>['retry_on_system']>[number];

export interface CampaignForm {
  name: string;
  bot_id: string;
  number_pool: string[];
  config: {
    concurrency_limit: number;
    pacing_mode: 'reserved' | 'predictive';
    campaign_mode: 'single_day' | 'multi_day';
    time_window: { start: string; end: string; timezone: string; days: Day[]; use_callee_timezone: boolean };
    redial_rules: {
      max_attempts: number;
      retry_delay_minutes: number;
      retry_on_system: Outcome[];
      retry_on_custom: string[];
    };
    callback_detection: { enabled: boolean };
    amd: 'deployment' | 'on' | 'off';
    always_on: boolean;
  };
}

interface Stored {
  name: string;
  bot_id: string;
  number_pool: string[];
  config: CampaignConfig;
}

/** A new campaign; what is absent has the default of the API. */
export const emptyCampaign = (zone: string): Stored => ({
  name: '',
  bot_id: '',
  number_pool: [],
  config: { time_window: { timezone: zone } },
});

const EVERY_DAY: Day[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const AGAIN: Outcome[] = ['no_answer', 'rejected', 'RNR', 'error', 'timeout'];

export function deserialize({ name, bot_id, number_pool, config }: Stored): CampaignForm {
  const { time_window: opening = {}, redial_rules: rules = {} } = config;
  const amd = config.amd?.enabled ?? null;
  return {
    name,
    bot_id,
    number_pool,
    config: {
      concurrency_limit: config.concurrency_limit ?? 50,
      pacing_mode: config.pacing_mode ?? 'reserved',
      campaign_mode: config.campaign_mode ?? 'single_day',
      time_window: {
        start: opening.start ?? '09:00',
        end: opening.end ?? '18:00',
        timezone: opening.timezone ?? 'UTC',
        days: opening.days ?? EVERY_DAY,
        use_callee_timezone: opening.use_callee_timezone ?? false,
      },
      redial_rules: {
        max_attempts: rules.max_attempts ?? 3,
        retry_delay_minutes: rules.retry_delay_minutes ?? 30,
        retry_on_system: rules.retry_on_system ?? AGAIN,
        retry_on_custom: rules.retry_on_custom ?? [],
      },
      callback_detection: { enabled: config.callback_detection?.enabled ?? false },
      amd: amd === null ? 'deployment' : amd ? 'on' : 'off',
      always_on: config.always_on ?? false,
    },
  };
}

/** The body of a create. What only a campaign of many days may have is off in one of a single day. */
export function serialize({ name, bot_id, number_pool, config }: CampaignForm) {
  const many = config.campaign_mode === 'multi_day';
  return {
    name: name.trim(),
    bot_id,
    number_pool,
    config: {
      ...config,
      time_window: {
        ...config.time_window,
        use_callee_timezone: many && config.time_window.use_callee_timezone,
      },
      amd: { enabled: config.amd === 'deployment' ? null : config.amd === 'on' },
      always_on: many && config.always_on,
    },
  };
}

/** The body of an edit; once the campaign has run, name and bot stay. */
export function changes(form: CampaignForm, identityLocked: boolean): CampaignUpdate {
  const { name, bot_id, ...rest } = serialize(form);
  return identityLocked ? rest : { name, bot_id, ...rest };
}

const isZone = (name: string) => {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: name }));
  } catch {
    return false;
  }
};
const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'A time such as 09:30');

const schema = z.looseObject({
  name: z.string().trim().min(1, 'Give the campaign a name').max(120, 'At most 120 characters'),
  bot_id: z.string().min(1, 'Choose the bot that talks'),
  number_pool: z.array(z.string()).min(1, 'Choose at least one number').max(500, 'At most 500 numbers'),
  config: z.looseObject({
    time_window: z.looseObject({
      start: clock,
      end: clock,
      timezone: z.string().refine(isZone, 'An IANA name such as Europe/Berlin'),
      days: z.array(z.string()).min(1, 'Choose at least one day'),
    }),
    redial_rules: z.looseObject({
      retry_on_custom: z.array(z.string().max(120, 'At most 120 characters each')).max(50, 'At most 50'),
    }),
  }),
});

export const campaignResolver = zodResolver(schema) as unknown as Resolver<CampaignForm>;

export interface Step {
  key: 'basics' | 'numbers' | 'contacts' | 'dialler' | 'review';
  label: string;
  fields: (keyof CampaignForm)[];
}

export const STEPS: Step[] = [
  { key: 'basics', label: 'Basics', fields: ['name', 'bot_id'] },
  { key: 'numbers', label: 'Number pool', fields: ['number_pool'] },
  { key: 'contacts', label: 'Contacts', fields: [] },
  { key: 'dialler', label: 'Dialler', fields: ['config'] },
  { key: 'review', label: 'Review', fields: [] },
];

/** Position of the first step that holds one of these fields; -1 when none does. */
export const stepOf = (fields: string[]) =>
  STEPS.findIndex((step) => step.fields.some((field) => fields.includes(field)));
