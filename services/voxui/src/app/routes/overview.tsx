import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';

import { LiveData } from '@/components/live';
import { botNamesQuery } from '@/features/bots/api/bots';
import { callColumns } from '@/features/calls/components/call-columns';
import { endedBy } from '@/features/calls/lib/labels';
import { campaignsQuery, LIST_MS } from '@/features/campaigns/api/campaigns';
import { Progress } from '@/features/campaigns/components/status';
import { fleetQuery, periodMs } from '@/features/fleet/api/fleet';
import { Capacity } from '@/features/fleet/components/capacity';
import { OverviewPage } from '@/features/overview/pages/overview';
import { useMe } from '@/lib/hooks';
import { useTopics } from '@/lib/stream';

const route = getRouteApi('/signed-in/dashboard');
const COLUMNS = callColumns([]).filter((column) => !column.optional);

export default function Overview() {
  const me = useMe().data;
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const fleet = useQuery(fleetQuery);
  const bots = useQuery(botNamesQuery);
  const campaigns = useQuery({ ...campaignsQuery({}), refetchInterval: false });
  const running = useQuery(campaignsQuery({ status: 'running' }));
  useTopics('calls', 'campaigns', 'fleet');
  const status = fleet.data;
  return (
    <OverviewPage
      name={me?.name || me?.email || ''}
      search={search}
      onSearch={(next) => void navigate({ search: next, replace: true, resetScroll: false })}
      fleet={fleet}
      running={{
        ...running,
        data: running.data?.items.map((campaign) => ({
          id: campaign.campaign_id,
          name: campaign.name,
          progress: <Progress stats={campaign.stats} name={campaign.name} />,
        })),
      }}
      bots={(bots.data ?? []).map((bot) => ({ id: bot.bot_id, name: bot.name }))}
      campaigns={(campaigns.data?.items ?? []).map((campaign) => ({ id: campaign.campaign_id, name: campaign.name }))}
      demoBot={bots.data?.find((bot) => bot.bot_id === 'demo' && bot.is_active)}
      columns={COLUMNS}
      capacity={status && <Capacity busy={status.total_capacity - status.available} total={status.total_capacity} />}
      ages={
        <>
          <LiveData of={fleet} everyMs={periodMs(status)} />
          <LiveData of={running} everyMs={LIST_MS} />
        </>
      }
      endedBy={(value) => (value === 'none' ? 'Not known' : endedBy(value))}
    />
  );
}
