import { useQuery } from '@tanstack/react-query';
import { useFormContext } from 'react-hook-form';

import { Facts, Panel } from '@/components/card';
import { Notice } from '@/components/states';
import { phone, plural } from '@/lib/format';

import { numbersQuery } from '../api/campaigns';
import { countRows } from '../lib/csv';
import { configFacts } from '../lib/facts';
import { serialize, type CampaignForm } from '../lib/form';
import { warnings } from '../lib/review';

interface StepReviewProps {
  botName: string;
  file: File | null;
  stored: number;
  /** Seats of the fleet; null: not known. */
  seats: number | null;
  /** The bot asks for callbacks; null: not known. */
  asksForCallbacks: boolean | null;
}

/** Everything before it is saved, and what will not work as it may be meant. */
export function StepReview({ botName, file, stored, seats, asksForCallbacks }: StepReviewProps) {
  const form = useFormContext<CampaignForm>().getValues();
  const carriers = useQuery(numbersQuery);
  const inFile = useQuery({
    queryKey: ['csv-rows', file?.name, file?.size, file?.lastModified],
    queryFn: () => countRows(file!),
    enabled: file !== null,
    staleTime: Infinity,
    gcTime: 0,
  }).data;
  const { config } = serialize(form);
  const found = carriers.data ? warnings(form, carriers.data.items, (file ? inFile : stored) || null, seats) : [];
  if (config.callback_detection.enabled && asksForCallbacks === false) {
    found.push('Callbacks are on here, but the bot does not ask for them: switch them on there as well.');
  }
  return (
    <Panel title="Review">
      <div className="space-y-4">
        {found.map((warning) => (
          <Notice key={warning} tone="warn">
            {warning}
          </Notice>
        ))}
        <Facts
          items={[
            ['Name', form.name || '–'],
            ['Bot', botName || '–'],
            ['Numbers', `${plural(form.number_pool.length, 'number')}: ${form.number_pool.map(phone).join(', ')}`],
            [
              'Contacts',
              file
                ? [file.name, inFile !== undefined && plural(inFile, 'row')].filter(Boolean).join(', ')
                : stored > 0
                  ? `${plural(stored, 'contact')}, as loaded`
                  : 'None yet',
            ],
            ...configFacts(config),
          ]}
        />
      </div>
    </Panel>
  );
}
