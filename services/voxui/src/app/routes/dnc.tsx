import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';

import { DncPage } from '@/features/dnc/pages/dnc';
import { userNamesQuery } from '@/features/users/api/users';

const route = getRouteApi('/signed-in/dashboard/do-not-call');

export default function Dnc() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const people = useQuery(userNamesQuery);
  return <DncPage search={search} onSearch={(next) => void navigate({ search: next })} people={people.data ?? []} />;
}
