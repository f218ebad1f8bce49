import { FleetPage } from '@/features/fleet/pages/fleet';
import { useMe } from '@/lib/hooks';
import { may } from '@/lib/permissions';

export default function Fleet() {
  const me = useMe().data;
  return <FleetPage mayChange={me !== undefined && may(me, 'settings')} />;
}
