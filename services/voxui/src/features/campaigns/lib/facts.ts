/** The settings of a campaign as name and words. */
import type { CampaignConfig } from '@/generated';
import { plural } from '@/lib/format';

import { DAYS, outcomeText } from './labels';

export function configFacts(config: CampaignConfig): [string, string][] {
  const { time_window: opening = {}, redial_rules: rules = {} } = config;
  const days = opening.days ?? [];
  const tries = rules.max_attempts ?? 1;
  const again = [
    ...(rules.retry_on_system ?? []).map((outcome) => outcomeText(outcome)),
    ...(rules.retry_on_custom ?? []),
  ];
  const allDay = opening.start === opening.end;
  return [
    ['Calls at a time', `up to ${(config.concurrency_limit ?? 0).toLocaleString('en')}`],
    [
      'Pacing',
      config.pacing_mode === 'predictive'
        ? 'Predictive: dials ahead to fill seats'
        : 'Reserved: a free seat for each dial',
    ],
    [
      'Window',
      `${allDay ? 'all day' : `${opening.start ?? ''} to ${opening.end ?? ''}`}, ${opening.timezone ?? ''}${opening.use_callee_timezone ? ' (or the zone of the number called)' : ''}`,
    ],
    [
      'Days',
      days.length === 7
        ? 'Every day'
        : DAYS.filter(([day]) => days.includes(day))
            .map(([, label]) => label)
            .join(', '),
    ],
    ['Length', config.campaign_mode === 'multi_day' ? 'As many days as it takes' : 'One window, then it ends'],
    [
      'Tries',
      tries === 1
        ? 'One'
        : `${plural(tries, 'try', 'tries')}, ${plural(rules.retry_delay_minutes ?? 0, 'minute')} apart`,
    ],
    ['Called again after', tries === 1 || again.length === 0 ? 'Nothing' : again.join(', ')],
    ['Callbacks', config.callback_detection?.enabled ? 'On' : 'Off'],
    [
      'Answering machines',
      config.amd?.enabled === true
        ? 'Screened'
        : config.amd?.enabled === false
          ? 'Not screened'
          : 'As the deployment is set',
    ],
    ['Always on', config.always_on ? 'Yes: it never ends by itself' : 'No'],
  ];
}
