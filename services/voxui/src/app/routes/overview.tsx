import { useQuery } from '@tanstack/react-query';

import { botNamesQuery } from '@/features/bots/api/bots';
import { callsQuery } from '@/features/calls/api/calls';
import { CALL_COLUMNS } from '@/features/calls/components/call-columns';
import { fleetQuery } from '@/features/fleet/api/fleet';
import { Capacity } from '@/features/fleet/components/capacity';
import { OverviewPage } from '@/features/overview/pages/overview';
import { useMe, useZone } from '@/lib/hooks';

const FRESH = { staleTime: 5_000, refetchInterval: 15_000 };
const LATEST = 10;

export default function Overview() {
  const zone = useZone();
  const me = useMe().data;
  const calls = useQuery({ ...callsQuery({}, zone), ...FRESH });
  const today = useQuery({ ...callsQuery({ range: 'today' }, zone), ...FRESH });
  const fleet = useQuery(fleetQuery);
  const bots = useQuery(botNamesQuery);
  const latest = calls.data && { ...calls.data, items: calls.data.items.slice(0, LATEST) };
  const status = fleet.data;
  return (
    <OverviewPage
      name={me?.name || me?.email || ''}
      calls={{ data: latest, error: calls.error, isPending: calls.isPending, refetch: calls.refetch }}
      today={today}
      fleet={fleet}
      demoBot={bots.data?.find((bot) => bot.bot_id === 'demo' && bot.is_active)}
      columns={CALL_COLUMNS.filter((column) => !column.optional)}
      capacity={status && <Capacity busy={status.total_capacity - status.available} total={status.total_capacity} />}
    />
  );
}
