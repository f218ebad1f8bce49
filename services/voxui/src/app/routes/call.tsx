import { getRouteApi } from '@tanstack/react-router';

import { CallPage } from '@/features/calls/pages/call';
import { useMe } from '@/lib/hooks';
import { may } from '@/lib/permissions';
import { useTopics } from '@/lib/stream';

const route = getRouteApi('/signed-in/dashboard/calls/$id');

export default function Call() {
  const { id } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const me = useMe().data;
  useTopics('calls');
  return (
    <CallPage
      key={id}
      id={id}
      search={search}
      onSearch={(next) => void navigate({ search: next, replace: true, resetScroll: false })}
      mayDelete={me !== undefined && may(me, 'deleteCall')}
      onDeleted={() => void navigate({ to: '/dashboard/calls' })}
    />
  );
}
