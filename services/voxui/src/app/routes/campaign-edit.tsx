import { getRouteApi } from '@tanstack/react-router';

import { CampaignEditPage } from '@/features/campaigns/pages/campaign-form';

import { useSurroundings } from './campaign-surroundings';

const route = getRouteApi('/signed-in/dashboard/campaigns/$id/edit');

export default function CampaignEdit() {
  const { id } = route.useParams();
  const navigate = route.useNavigate();
  return (
    <CampaignEditPage
      key={id}
      id={id}
      around={useSurroundings()}
      onOpen={(next) => void navigate({ to: '/dashboard/campaigns/$id', params: { id: next } })}
    />
  );
}
