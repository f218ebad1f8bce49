import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { botNamesQuery, botQuery } from '@/features/bots/api/bots';
import { variablesOf } from '@/features/bots/lib/tokens';
import type { Surroundings } from '@/features/campaigns/components/wizard';
import { fleetQuery } from '@/features/fleet/api/fleet';

/** What a campaign's form needs to know of bots and of the fleet. */
export function useSurroundings(): Surroundings {
  const [botId, setBotId] = useState('');
  const bots = useQuery(botNamesQuery);
  const bot = useQuery({ ...botQuery(botId), enabled: botId !== '' }).data;
  const fleet = useQuery({ ...fleetQuery, refetchInterval: false }).data;
  return {
    bots: bots.data ?? [],
    botFacts: {
      tokens: bot ? variablesOf(bot) : [],
      asksForCallbacks: bot ? bot.callback_prompt_injection === true : null,
    },
    onBot: setBotId,
    seats: fleet?.total_capacity ?? null,
  };
}
