import { useNavigate } from '@tanstack/react-router';

import { CampaignNewPage } from '@/features/campaigns/pages/campaign-form';

import { useSurroundings } from './campaign-surroundings';

export default function CampaignNew() {
  const navigate = useNavigate();
  return (
    <CampaignNewPage
      around={useSurroundings()}
      onOpen={(id) => void navigate({ to: '/dashboard/campaigns/$id', params: { id } })}
    />
  );
}
