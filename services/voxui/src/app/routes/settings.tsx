import { getRouteApi } from '@tanstack/react-router';

import { SettingsPage } from '@/features/settings/pages/settings';

const route = getRouteApi('/signed-in/dashboard/settings/$section');

export default function Settings() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <SettingsPage
      section={route.useParams().section}
      outbox={{ search, onSearch: (next) => void navigate({ search: next, resetScroll: false }) }}
    />
  );
}
