import { getRouteApi } from '@tanstack/react-router';

import { BotEditPage } from '@/features/bots/pages/bot-edit';

const route = getRouteApi('/signed-in/dashboard/bots/$id/edit');

export default function BotEdit() {
  const { id } = route.useParams();
  const navigate = route.useNavigate();
  return <BotEditPage key={id} id={id} onSaved={() => void navigate({ to: '/dashboard/bots/$id', params: { id } })} />;
}
