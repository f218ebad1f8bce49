import { getRouteApi } from '@tanstack/react-router';

import { BotsPage } from '@/features/bots/pages/bots';

const route = getRouteApi('/signed-in/dashboard/bots');

export default function Bots() {
  const navigate = route.useNavigate();
  return <BotsPage search={route.useSearch()} onSearch={(search) => void navigate({ search, replace: true })} />;
}
