import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';

import { ApiKeysPage } from '@/features/apikeys/pages/api-keys';
import { botNamesQuery } from '@/features/bots/api/bots';
import { userNamesQuery } from '@/features/users/api/users';

const route = getRouteApi('/signed-in/dashboard/api-keys');

export default function ApiKeys() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const bots = useQuery(botNamesQuery);
  const people = useQuery(userNamesQuery);
  return (
    <ApiKeysPage
      search={search}
      onSearch={(next) => void navigate({ search: next })}
      bots={bots.data ?? []}
      people={people.data ?? []}
    />
  );
}
