import { getRouteApi } from '@tanstack/react-router';

import { BotsPage } from '@/features/bots/pages/bots';

const route = getRouteApi('/signed-in/dashboard/bots');

export default function Bots() {
  const { q, active } = route.useSearch();
  const navigate = route.useNavigate();
  return <BotsPage q={q} active={active} onSearch={(search) => void navigate({ search, replace: true })} />;
}
