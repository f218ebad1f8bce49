import { FleetPage } from '@/features/fleet/pages/fleet';
import { useMe } from '@/lib/hooks';
import { may } from '@/lib/permissions';
import { useTopics } from '@/lib/stream';

export default function Fleet() {
  const me = useMe().data;
  useTopics('fleet');
  return <FleetPage mayChange={me !== undefined && may(me, 'settings')} />;
}
