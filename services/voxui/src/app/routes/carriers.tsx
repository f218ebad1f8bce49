import { getRouteApi } from '@tanstack/react-router';

import { CarriersPage } from '@/features/carriers/pages/carriers';
import { useMe } from '@/lib/hooks';
import { may } from '@/lib/permissions';

const route = getRouteApi('/signed-in/dashboard/carriers');

export default function Carriers() {
  const me = useMe().data;
  const search = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <CarriersPage
      search={search}
      onSearch={(next) => void navigate({ search: next })}
      mayChange={me !== undefined && may(me, 'changeCarriers')}
    />
  );
}
