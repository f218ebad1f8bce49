import { getRouteApi } from '@tanstack/react-router';

import { CampaignsPage } from '@/features/campaigns/pages/campaigns';
import { useTopics } from '@/lib/stream';

const route = getRouteApi('/signed-in/dashboard/campaigns');

export default function Campaigns() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  useTopics('campaigns');
  return (
    <CampaignsPage
      search={search}
      onSearch={(next) => void navigate({ search: next })}
      onOpen={(id) => {
        if (id) void navigate({ to: '/dashboard/campaigns/$id', params: { id } });
      }}
      onEdit={(id) => void navigate({ to: '/dashboard/campaigns/$id/edit', params: { id } })}
    />
  );
}
