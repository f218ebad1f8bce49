import { useNavigate } from '@tanstack/react-router';

import { CarrierCreatePage } from '@/features/carriers/pages/carrier-create';

export default function CarrierCreate() {
  const navigate = useNavigate();
  return (
    <CarrierCreatePage
      onCreated={(id) => void navigate({ to: '/dashboard/carriers/$id', params: { id } })}
      onCancel={() => void navigate({ to: '/dashboard/carriers' })}
    />
  );
}
