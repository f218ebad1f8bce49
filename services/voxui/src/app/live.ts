/** What an event of the stream means for the views: which of them ask again, and which are told all there is to know. */
import type { QueryClient, QueryKey } from '@tanstack/react-query';

import type { Campaign, CampaignSummary } from '@/generated';
import { LATE_MS, live, LOST, type StreamEvent } from '@/lib/stream';

/** However many events come, a view asks at most this often. */
const APART_MS = 1_000;
const ANALYTICS_APART_MS = 15_000;

/** Ask again: at once, and once more at the end of the pause if more came in it. */
export function throttledRefresh(client: QueryClient) {
  const pausing = new Map<string, { more: boolean }>();
  const refresh = (key: QueryKey, apartMs = APART_MS) => {
    const name = JSON.stringify(key);
    const pause = pausing.get(name);
    if (pause) {
      pause.more = true;
      return;
    }
    const fresh = { more: false };
    pausing.set(name, fresh);
    void client.invalidateQueries({ queryKey: key });
    setTimeout(() => {
      pausing.delete(name);
      if (fresh.more) refresh(key, apartMs);
    }, apartMs);
  };
  return refresh;
}

type Moving = Pick<CampaignSummary, 'status' | 'stats' | 'live'>;

/** The figures come with the event: the open views take them over without asking. */
function takeCampaign(client: QueryClient, id: string, told: Moving): { isNews: boolean } {
  let isNews = false;
  client.setQueryData<Campaign>(['campaigns', 'one', id], (shown) => {
    if (!shown) return shown;
    isNews ||= shown.status !== told.status;
    return { ...shown, ...told };
  });
  client.setQueriesData<{ items: CampaignSummary[] }>({ queryKey: ['campaigns', 'list'] }, (page) => {
    const row = page?.items.find((one) => one.campaign_id === id);
    if (!page || !row) return page;
    isNews ||= row.status !== told.status;
    return { ...page, items: page.items.map((one) => (one === row ? { ...one, ...told } : one)) };
  });
  return { isNews };
}

/** What a topic is about. The list of calls is not among it: its rows stay while they are read, new ones are announced. */
const VIEWS: Record<string, QueryKey[]> = {
  calls: [['calls', 'fresh'], ['calls', 'one'], ['analytics']],
  campaigns: [['campaigns']],
  fleet: [['fleet']],
  settings: [['settings']],
};
const viewsOf = (topic: string) => VIEWS[topic.startsWith('campaign:') ? 'campaigns' : topic] ?? [];

export function followEvents(client: QueryClient): () => void {
  const refresh = throttledRefresh(client);
  const topicsOf = (data: Record<string, unknown>) => (Array.isArray(data.topics) ? (data.topics as string[]) : []);
  const heard = ({ name, data }: StreamEvent) => {
    const id = typeof data.session_id === 'string' ? data.session_id : '';
    const campaign = typeof data.campaign_id === 'string' ? data.campaign_id : '';
    switch (name) {
      case 'hello': // what happened before the line stood was not told
      case LOST: // nothing is told now, and the views have slowed down: whether the server is there shows at once
        for (const key of topicsOf(data).flatMap(viewsOf)) refresh(key);
        break;
      case 'reset':
        for (const key of Object.values(VIEWS).flat()) refresh(key);
        break;
      case 'call.started':
      case 'call.completed':
        refresh(['calls', 'fresh']);
        if (id) refresh(['calls', 'one', id]);
        refresh(['analytics'], ANALYTICS_APART_MS); // the server counts within seconds, and keeps an answer for ten
        break;
      case 'campaign.updated': {
        const told = { status: data.status, stats: data.stats, live: data.live } as Moving;
        const { isNews } = takeCampaign(client, campaign, told);
        if (isNews) refresh(['campaigns']);
        else refresh(['campaigns', 'contacts', campaign], LATE_MS.contacts);
        break;
      }
      case 'fleet.changed':
        refresh(['fleet', 'status']);
        // Of drains and quotas some event in a hundred tells, and they say how late they are.
        refresh(['fleet', 'drains'], LATE_MS.drainsAndQuotas);
        refresh(['fleet', 'quotas'], LATE_MS.drainsAndQuotas);
        break;
      case 'settings.changed':
        refresh(['settings']);
        break;
      default: // of a newer server
    }
  };
  const stop = live.onEvent(heard);
  document.addEventListener('visibilitychange', live.look);
  window.addEventListener('online', live.look);
  return () => {
    stop();
    document.removeEventListener('visibilitychange', live.look);
    window.removeEventListener('online', live.look);
  };
}
