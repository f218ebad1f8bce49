import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';

import { botNamesQuery } from '@/features/bots/api/bots';
import { CarrierPage } from '@/features/carriers/pages/carrier';
import { useMe } from '@/lib/hooks';
import { may } from '@/lib/permissions';

const route = getRouteApi('/signed-in/dashboard/carriers/$id');

export default function Carrier() {
  const { id } = route.useParams();
  const navigate = route.useNavigate();
  const me = useMe().data;
  const bots = useQuery(botNamesQuery);
  return (
    <CarrierPage
      key={id}
      id={id}
      bots={bots.data ?? []}
      mayChange={me !== undefined && may(me, 'changeCarriers')}
      onDeleted={() => void navigate({ to: '/dashboard/carriers' })}
    />
  );
}
