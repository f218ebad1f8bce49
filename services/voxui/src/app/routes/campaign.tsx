import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';

import { botQuery } from '@/features/bots/api/bots';
import { variablesOf } from '@/features/bots/lib/tokens';
import { campaignQuery } from '@/features/campaigns/api/campaigns';
import { CampaignPage } from '@/features/campaigns/pages/campaign';
import { userNamesQuery } from '@/features/users/api/users';
import { useTopics } from '@/lib/stream';

const route = getRouteApi('/signed-in/dashboard/campaigns/$id');

export default function Campaign() {
  const { id } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  useTopics(`campaign:${id}`);
  // Programs and names are on one tab only.
  const wanted = search.tab === 'integration';
  const botId = useQuery(campaignQuery(id)).data?.bot_id ?? '';
  const bot = useQuery({ ...botQuery(botId), enabled: wanted && botId !== '' }).data;
  const people = useQuery({ ...userNamesQuery, enabled: wanted }).data;
  return (
    <CampaignPage
      key={id}
      id={id}
      search={search}
      variables={bot ? variablesOf(bot) : []}
      people={people ?? []}
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
