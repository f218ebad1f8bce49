import { ProfilePage } from '@/features/profile/pages/profile';
import { useMe } from '@/lib/hooks';

export default function Profile() {
  const me = useMe().data;
  return me && <ProfilePage me={me} />;
}
