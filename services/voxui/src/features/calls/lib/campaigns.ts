/** Campaigns as the list of calls needs them: by name. */
import { DASH, shortId } from '@/lib/format';

export interface CampaignName {
  id: string;
  name: string;
}

/** The name of a campaign; one that is not among the latest is called by its id. */
export const campaignName = (campaigns: CampaignName[], id: string | null | undefined) =>
  id ? (campaigns.find((campaign) => campaign.id === id)?.name ?? shortId(id)) : DASH;

/** What can be chosen, with what is chosen: a link may name a campaign that is not among the latest. */
export function withChosen(campaigns: CampaignName[], chosen: string | undefined): { value: string; label: string }[] {
  const choices = campaigns.map(({ id, name }) => ({ value: id, label: name }));
  if (chosen === undefined || campaigns.some(({ id }) => id === chosen)) return choices;
  return [{ value: chosen, label: campaignName(campaigns, chosen) }, ...choices];
}
