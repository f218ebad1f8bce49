import type { AuditEntry } from '@/generated';

const PAGES: Record<string, (id: string) => string> = {
  bot: (id) => `/dashboard/bots/${id}`,
  call: (id) => `/dashboard/calls/${id}`,
  campaign: (id) => `/dashboard/campaigns/${id}`,
  carrier: (id) => `/dashboard/carriers/${id}`,
  user: () => '/dashboard/users',
  api_key: () => '/dashboard/api-keys',
  dnc: () => '/dashboard/do-not-call',
  fleet: () => '/dashboard/fleet',
  settings: () => '/dashboard/settings/general',
};

/** The screen of what was changed; null: it has none. It may be gone since. */
export const pageOf = ({ entity_type, entity_id }: AuditEntry): string | null =>
  PAGES[entity_type]?.(encodeURIComponent(entity_id)) ?? null;
