import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';

import { botNamesQuery } from '@/features/bots/api/bots';
import { CallsPage } from '@/features/calls/pages/calls';
import { useTopics } from '@/lib/stream';

const route = getRouteApi('/signed-in/dashboard/calls');

export default function Calls() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const bots = useQuery(botNamesQuery);
  useTopics('calls');
  return <CallsPage search={search} onSearch={(next) => void navigate({ search: next })} bots={bots.data ?? []} />;
}
