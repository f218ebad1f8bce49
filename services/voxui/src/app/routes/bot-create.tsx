import { useNavigate } from '@tanstack/react-router';

import { BotCreatePage } from '@/features/bots/pages/bot-create';

export default function BotCreate() {
  const navigate = useNavigate();
  return <BotCreatePage onCreated={(id) => void navigate({ to: '/dashboard/bots/$id', params: { id } })} />;
}
