import type { ReactNode } from 'react';

import { Facts } from '@/components/card';
import { Time } from '@/components/time';
import type { Campaign } from '@/generated';
import { phone, plural } from '@/lib/format';

import { configFacts } from '../lib/facts';

/** The settings of the run, to read. */
export function Configuration({ campaign }: { campaign: Campaign }) {
  const { run_window: opening } = campaign;
  return (
    <Facts
      items={[
        ...configFacts(campaign.config),
        ['Numbers', `${plural(campaign.number_pool.length, 'number')}: ${campaign.number_pool.map(phone).join(', ')}`],
        ...(opening
          ? [['Window of this run', <span key="window"><Time iso={opening.opens_at} /> to <Time iso={opening.closes_at} /></span>] as [string, ReactNode]] // prettier-ignore
          : []),
        ['Created', <Time key="created" iso={campaign.created_at} />],
        ['File of contacts', campaign.upload.file_name ?? 'None'],
      ]}
    />
  );
}
