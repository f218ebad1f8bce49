import { getRouteApi } from '@tanstack/react-router';

import { CallPage } from '@/features/calls/pages/call';
import { useMe } from '@/lib/hooks';
import { MAY } from '@/lib/permissions';

const route = getRouteApi('/signed-in/dashboard/calls/$id');

export default function Call() {
  const { id } = route.useParams();
  const { tab } = route.useSearch();
  const navigate = route.useNavigate();
  const me = useMe().data;
  return (
    <CallPage
      key={id}
      id={id}
      tab={tab ?? 'events'}
      onTab={(next) => void navigate({ search: { tab: next }, replace: true, resetScroll: false })}
      mayDelete={me !== undefined && MAY.deleteCall(me)}
      onDeleted={() => void navigate({ to: '/dashboard/calls' })}
    />
  );
}
