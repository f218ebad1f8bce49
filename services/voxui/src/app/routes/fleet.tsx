import { useQuery } from '@tanstack/react-query';

import { botNamesQuery } from '@/features/bots/api/bots';
import { campaignsQuery } from '@/features/campaigns/api/campaigns';
import { FleetPage } from '@/features/fleet/pages/fleet';
import { useMe } from '@/lib/hooks';
import { may } from '@/lib/permissions';
import { useTopics } from '@/lib/stream';

export default function Fleet() {
  const me = useMe().data;
  const bots = useQuery(botNamesQuery).data ?? [];
  const campaigns = useQuery({ ...campaignsQuery({}), refetchInterval: false }).data?.items ?? [];
  useTopics('fleet');
  return (
    <FleetPage
      names={{
        bots: Object.fromEntries(bots.map(({ bot_id, name }) => [bot_id, name])),
        campaigns: Object.fromEntries(campaigns.map(({ campaign_id, name }) => [campaign_id, name])),
      }}
      mayChange={me !== undefined && may(me, 'settings')}
    />
  );
}
