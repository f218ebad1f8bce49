import { getRouteApi } from '@tanstack/react-router';

import { CampaignPage } from '@/features/campaigns/pages/campaign';
import { useTopics } from '@/lib/stream';

const route = getRouteApi('/signed-in/dashboard/campaigns/$id');

export default function Campaign() {
  const { id } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  useTopics(`campaign:${id}`);
  return (
    <CampaignPage
      key={id}
      id={id}
      search={search}
      onSearch={(next) => void navigate({ search: next, replace: true, resetScroll: false })}
      onOpen={(next) =>
        void (next
          ? navigate({ to: '/dashboard/campaigns/$id', params: { id: next } })
          : navigate({ to: '/dashboard/campaigns' }))
      }
      onEdit={(next) => void navigate({ to: '/dashboard/campaigns/$id/edit', params: { id: next } })}
    />
  );
}
