import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';

import { botNamesQuery } from '@/features/bots/api/bots';
import { CallsPage } from '@/features/calls/pages/calls';
import { campaignsQuery } from '@/features/campaigns/api/campaigns';
import { useTopics } from '@/lib/stream';

const route = getRouteApi('/signed-in/dashboard/calls');

export default function Calls() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const bots = useQuery(botNamesQuery);
  const campaigns = useQuery({ ...campaignsQuery({}), refetchInterval: false });
  useTopics('calls');
  return (
    <CallsPage
      search={search}
      onSearch={(next) => void navigate({ search: next })}
      bots={bots.data ?? []}
      campaigns={(campaigns.data?.items ?? []).map(({ campaign_id, name }) => ({ id: campaign_id, name }))}
    />
  );
}
