import { getRouteApi } from '@tanstack/react-router';

import { UsersPage } from '@/features/users/pages/users';
import { useMe } from '@/lib/hooks';

const route = getRouteApi('/signed-in/dashboard/users');

export default function Users() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const me = useMe().data;
  return (
    me && <UsersPage me={me} search={search} onSearch={(next) => void navigate({ search: next, replace: true })} />
  );
}
