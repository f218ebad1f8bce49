import type { IconName } from '@/components/icons';
import type { Action } from '@/lib/permissions';

/** The side menu, in its order; an entry is shown to those who may open it. */
export const NAV: { to: string; label: string; icon: IconName; action: Action }[] = [
  { to: '/dashboard', label: 'Overview', icon: 'overview', action: 'overview' },
  { to: '/dashboard/bots', label: 'Bots', icon: 'bots', action: 'bots' },
  { to: '/dashboard/calls', label: 'Calls', icon: 'calls', action: 'calls' },
  { to: '/dashboard/campaigns', label: 'Campaigns', icon: 'campaigns', action: 'campaigns' },
  { to: '/dashboard/do-not-call', label: 'Do-not-call', icon: 'dnc', action: 'dnc' },
  { to: '/dashboard/fleet', label: 'Fleet', icon: 'fleet', action: 'fleet' },
  { to: '/dashboard/carriers', label: 'Carriers', icon: 'carriers', action: 'carriers' },
  { to: '/dashboard/users', label: 'Users', icon: 'users', action: 'users' },
  { to: '/dashboard/api-keys', label: 'API keys', icon: 'keys', action: 'apiKeys' },
  { to: '/dashboard/settings/general', label: 'Settings', icon: 'settings', action: 'settings' },
  { to: '/dashboard/audit-log', label: 'Audit log', icon: 'audit', action: 'auditLog' },
];
