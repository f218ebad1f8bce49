import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';

import { fleetQuery } from '@/features/fleet/api/fleet';
import { byTag, readSeats } from '@/features/fleet/lib/seats';
import { SettingsPage } from '@/features/settings/pages/settings';

const route = getRouteApi('/signed-in/dashboard/settings/$section');

export default function Settings() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { section } = route.useParams();
  // Read once: nobody watches the fleet here.
  const fleet = useQuery({ ...fleetQuery, enabled: section === 'about', refetchInterval: false });
  return (
    <SettingsPage
      section={section}
      seatTags={byTag(readSeats(fleet.data?.seats ?? []))}
      outbox={{ search, onSearch: (next) => void navigate({ search: next, resetScroll: false }) }}
    />
  );
}
