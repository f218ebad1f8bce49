import type { Person } from '@/components/author';
import { Program } from '@/components/program';
import type { Campaign } from '@/generated';
import { blanks } from '@/lib/snippets';

import type { CampaignSearch } from '../lib/search';
import { Exclusions } from './exclusions';

interface IntegrationProps {
  campaign: Campaign;
  /** Names that the bot's texts ask for. */
  variables: string[];
  people: Person[];
  search: CampaignSearch;
  onSearch: (search: CampaignSearch) => void;
}

/** How programs add people to this campaign and take them out, and who was taken out. */
export function Integration({ campaign, variables, people, search, onSearch }: IntegrationProps) {
  const path = `/campaigns/${encodeURIComponent(campaign.campaign_id)}`;
  const contact = { phone_number: '+15550100', ...blanks(variables) };
  return (
    <div className="max-w-4xl space-y-4">
      <Exclusions campaignId={campaign.campaign_id} search={search} onSearch={onSearch} people={people} />
      <Program title="Add contacts from a program" path={`${path}/contacts`} order={{ contacts: [contact] }} />
      <Program
        title="Exclude numbers from a program"
        path={`${path}/exclude`}
        order={{ phone_numbers: ['+15550100'], reason: 'paid already' }}
      />
    </div>
  );
}
