import { Page } from '@/components/page';

import { CallList, ExportButton } from '../components/call-list';
import type { CampaignName } from '../lib/campaigns';
import type { CallSearch } from '../lib/filters';

interface CallsPageProps {
  search: CallSearch;
  onSearch: (search: CallSearch) => void;
  bots: { bot_id: string; name: string }[];
  campaigns: CampaignName[];
}

export function CallsPage({ search, onSearch, bots, campaigns }: CallsPageProps) {
  return (
    <Page title="Calls" actions={<ExportButton search={search} />}>
      <CallList search={search} onSearch={onSearch} bots={bots} campaigns={campaigns} />
    </Page>
  );
}
