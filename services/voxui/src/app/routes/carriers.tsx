import { CarriersPage } from '@/features/carriers/pages/carriers';
import { useMe } from '@/lib/hooks';
import { may } from '@/lib/permissions';

export default function Carriers() {
  const me = useMe().data;
  return <CarriersPage mayChange={me !== undefined && may(me, 'changeCarriers')} />;
}
