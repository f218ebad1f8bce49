import { Page } from '@/components/page';
import { useToast } from '@/components/toast';

import { useCarrierChanges } from '../api/carriers';
import { CarrierFormView } from '../components/carrier-form';
import { EMPTY, toCreate } from '../lib/form';

interface CarrierCreateProps {
  onCreated: (id: string) => void;
  onCancel: () => void;
}

export function CarrierCreatePage({ onCreated, onCancel }: CarrierCreateProps) {
  const toast = useToast();
  const { create } = useCarrierChanges();
  return (
    <Page
      title="New carrier"
      lead="Numbers are added on the next page."
      back={{ to: '/dashboard/carriers', label: 'Carriers' }}
    >
      <CarrierFormView
        values={EMPTY}
        stored={null}
        action="Create carrier"
        onCancel={onCancel}
        save={async (form) => {
          const made = await create(toCreate(form));
          toast(`${made.name} is made`);
          onCreated(made.carrier_id);
        }}
      />
    </Page>
  );
}
