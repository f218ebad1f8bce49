import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';

import { AuditLogPage } from '@/features/audit/pages/audit-log';
import { userNamesQuery } from '@/features/users/api/users';

const route = getRouteApi('/signed-in/dashboard/audit-log');

export default function AuditLog() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const people = useQuery(userNamesQuery);
  return (
    <AuditLogPage search={search} onSearch={(next) => void navigate({ search: next })} people={people.data ?? []} />
  );
}
