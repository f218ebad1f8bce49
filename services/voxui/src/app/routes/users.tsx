import { getRouteApi } from '@tanstack/react-router';

import { UsersPage } from '@/features/users/pages/users';
import { useMe } from '@/lib/hooks';

const route = getRouteApi('/signed-in/dashboard/users');

export default function Users() {
  const { q } = route.useSearch();
  const navigate = route.useNavigate();
  const me = useMe().data;
  return me && <UsersPage me={me} q={q} onSearch={(next) => void navigate({ search: { q: next }, replace: true })} />;
}
