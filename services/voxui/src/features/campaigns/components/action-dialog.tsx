import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';

import { Confirm } from '@/components/dialog';
import { useToast } from '@/components/toast';
import type { CampaignStats } from '@/generated';
import { ApiError } from '@/lib/api';

import { act } from '../api/campaigns';
import { ACTION_BUSY, ACTION_DONE, ACTION_LABEL, consequence, curesOf, type Action } from '../lib/consequence';

export interface Actable {
  campaign_id: string;
  name: string;
  bot_id: string;
  status: string;
  started_at: string | null;
  prepared_run: unknown;
  stats: CampaignStats;
}

/** Does an action, refreshes what shows the campaign, and says that it is done. Throws ApiError. */
export function useAct(onOpen: (id: string | null) => void) {
  const queries = useQueryClient();
  const toast = useToast();
  return async (action: Action, campaign: Actable) => {
    try {
      const next = await act(action, campaign.campaign_id);
      toast(`${campaign.name} ${ACTION_DONE[action]}`);
      if (next !== campaign.campaign_id) onOpen(next);
    } finally {
      // Also after a refusal: then somebody else was faster, and the page shows an old state.
      await queries.invalidateQueries({ queryKey: ['campaigns'] });
    }
  };
}

interface ActionDialogProps {
  action: Action;
  campaign: Actable;
  onClose: () => void;
  /** The campaign to show next; null: it is gone. */
  onOpen: (id: string | null) => void;
}

/** Says what an action does, in numbers, before it does it; what prevents a start is linked to its cure. */
export function ActionDialog({ action, campaign, onClose, onOpen }: ActionDialogProps) {
  const run = useAct(onOpen);
  const [cures, setCures] = useState<ReturnType<typeof curesOf>>([]);
  const id = campaign.campaign_id;
  const targets = {
    edit: { to: '/dashboard/campaigns/$id/edit', params: { id } },
    bot: { to: '/dashboard/bots/$id', params: { id: campaign.bot_id } },
    carriers: { to: '/dashboard/carriers' },
    contacts: { to: '/dashboard/campaigns/$id', params: { id }, search: { tab: 'contacts', status: 'in_progress' } },
  } as const;
  return (
    <Confirm
      open
      onOpenChange={onClose}
      title={`${ACTION_LABEL[action]} ${campaign.name}?`}
      action={ACTION_LABEL[action]}
      busyText={ACTION_BUSY[action]}
      look={action === 'stop' || action === 'delete' ? 'danger' : 'primary'}
      onConfirm={async () => {
        setCures([]);
        try {
          await run(action, campaign);
        } catch (error) {
          if (error instanceof ApiError && error.code === 'cannot_start') setCures(curesOf(error.body.reasons));
          throw error;
        }
      }}
    >
      <p>{consequence(action, campaign)}</p>
      {cures.length > 0 && (
        <ul className="mt-2 flex flex-wrap gap-x-4 gap-y-1">
          {cures.map((cure) => (
            <li key={cure.label}>
              <Link {...targets[cure.to]} className="font-medium text-brand-text hover:underline" onClick={onClose}>
                {cure.label}
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Confirm>
  );
}
