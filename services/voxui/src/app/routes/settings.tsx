import { getRouteApi } from '@tanstack/react-router';

import { SettingsPage } from '@/features/settings/pages/settings';

const route = getRouteApi('/signed-in/dashboard/settings/$section');

export default function Settings() {
  return <SettingsPage section={route.useParams().section} />;
}
