import { queryOptions } from '@tanstack/react-query';

import { campaignsList } from '@/generated';
import { data } from '@/lib/api';

/** The running campaigns of a bot: nobody changes it meanwhile. */
export const runningQuery = (botId: string) =>
  queryOptions({
    queryKey: ['campaigns', 'running', botId],
    queryFn: async () => (await data(campaignsList({ query: { bot_id: botId, status: 'running', limit: 200 } }))).items,
  });
