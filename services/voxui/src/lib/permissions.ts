/** Who may do what. Menus, routes and buttons read this table; the server decides in the end. */
import type { User } from '@/generated';

export type Role = 'agent' | 'supervisor' | 'admin' | 'super_admin';

const RANK: Record<Role, number> = { agent: 0, supervisor: 1, admin: 2, super_admin: 3 };
export const ROLE_LABEL: Record<Role, string> = {
  agent: 'Agent',
  supervisor: 'Supervisor',
  admin: 'Admin',
  super_admin: 'Super admin',
};

/** -1 for a role that this console does not know: it opens nothing. */
export const rank = (role: string) => RANK[role as Role] ?? -1;

/** The lowest role that may do it. */
export const ROLE_NEEDED = {
  overview: 'admin',
  bots: 'admin',
  calls: 'admin',
  deleteCall: 'super_admin',
  campaigns: 'admin',
  dnc: 'admin',
  fleet: 'admin',
  carriers: 'admin',
  changeCarriers: 'super_admin',
  users: 'admin',
  apiKeys: 'admin',
  settings: 'super_admin',
  auditLog: 'super_admin',
  profile: 'agent',
} satisfies Record<string, Role>;

export type Action = keyof typeof ROLE_NEEDED;
export const may = (me: User, action: Action) => rank(me.role) >= RANK[ROLE_NEEDED[action]];

/** Changes to another person: never oneself here; only lower ranks, except for a super admin. */
export const mayChange = (me: User, other: User) =>
  me.user_id !== other.user_id && (rank(me.role) > rank(other.role) || me.role === 'super_admin');
export const mayDelete = (me: User, other: User) => me.role === 'super_admin' && me.user_id !== other.user_id;
export const rolesToGive = (me: User): Role[] =>
  (Object.keys(RANK) as Role[]).filter((role) => RANK[role] <= rank(me.role));
