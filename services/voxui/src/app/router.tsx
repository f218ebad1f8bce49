/** All routes. Each page is a chunk of its own; what features exchange is handed over in `routes/`. */
import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router';

import { readSearch as readKeysSearch } from '@/features/apikeys/lib/search';
import { readSearch as readAuditSearch } from '@/features/audit/lib/filters';
import { readSearch as readBotsSearch } from '@/features/bots/lib/search';
import { readSearch } from '@/features/calls/lib/filters';
import { readCampaignSearch, readCampaignsSearch } from '@/features/campaigns/lib/search';
import { readSearch as readCarriersSearch } from '@/features/carriers/lib/search';
import { readSearch as readDncSearch } from '@/features/dnc/lib/search';
import { readOverviewSearch } from '@/features/overview/lib/range';
import { readSearch as readOutboxSearch } from '@/features/settings/lib/outbox';
import { readSearch as readUsersSearch } from '@/features/users/lib/search';
import { meQuery } from '@/lib/hooks';
import { rank } from '@/lib/permissions';
import { token } from '@/lib/session';

import { Broken, NoConsole, NotFound } from './pages';

const root = createRootRouteWithContext<{ queryClient: QueryClient }>()({
  component: Outlet,
  notFoundComponent: NotFound,
  errorComponent: ({ error }) => <Broken error={error} />,
});

const word = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);

const login = createRoute({
  getParentRoute: () => root,
  path: '/login',
  validateSearch: (search): { next?: string | undefined } => ({ next: word(search.next) }),
  component: lazyRouteComponent(() => import('./routes/login')),
});

const signedIn = createRoute({
  getParentRoute: () => root,
  id: 'signed-in',
  beforeLoad: ({ location }) => {
    if (token() === null) {
      throw redirect({ to: '/login', search: location.href === '/' ? {} : { next: location.href } });
    }
  },
  component: lazyRouteComponent(() => import('./shell')),
});

const start = createRoute({
  getParentRoute: () => signedIn,
  path: '/',
  beforeLoad: async ({ context }) => {
    const me = await context.queryClient.ensureQueryData(meQuery).catch(() => null);
    if (me && rank(me.role) >= rank('admin')) throw redirect({ to: '/dashboard' });
  },
  component: NoConsole,
});

const page = <const Path extends string>(path: Path) => ({ getParentRoute: () => signedIn, path }) as const;
const ofCall = (search: Record<string, unknown>): { tab?: string | undefined; event?: string | undefined } => ({ tab: word(search.tab), event: word(search.event) }); // prettier-ignore

const overview = createRoute({ ...page('/dashboard'), staticData: { action: 'overview' }, validateSearch: readOverviewSearch, component: lazyRouteComponent(() => import('./routes/overview')) }); // prettier-ignore
const calls = createRoute({ ...page('/dashboard/calls'), staticData: { action: 'calls' }, validateSearch: readSearch, component: lazyRouteComponent(() => import('./routes/calls')) }); // prettier-ignore
const call = createRoute({ ...page('/dashboard/calls/$id'), staticData: { action: 'calls' }, validateSearch: ofCall, component: lazyRouteComponent(() => import('./routes/call')) }); // prettier-ignore
const campaigns = createRoute({ ...page('/dashboard/campaigns'), staticData: { action: 'campaigns' }, validateSearch: readCampaignsSearch, component: lazyRouteComponent(() => import('./routes/campaigns')) }); // prettier-ignore
const campaignNew = createRoute({ ...page('/dashboard/campaigns/new'), staticData: { action: 'campaigns' }, component: lazyRouteComponent(() => import('./routes/campaign-new')) }); // prettier-ignore
const campaign = createRoute({ ...page('/dashboard/campaigns/$id'), staticData: { action: 'campaigns' }, validateSearch: readCampaignSearch, component: lazyRouteComponent(() => import('./routes/campaign')) }); // prettier-ignore
const campaignEdit = createRoute({ ...page('/dashboard/campaigns/$id/edit'), staticData: { action: 'campaigns' }, component: lazyRouteComponent(() => import('./routes/campaign-edit')) }); // prettier-ignore
const bots = createRoute({ ...page('/dashboard/bots'), staticData: { action: 'bots' }, validateSearch: readBotsSearch, component: lazyRouteComponent(() => import('./routes/bots')) }); // prettier-ignore
const botCreate = createRoute({ ...page('/dashboard/bots/create'), staticData: { action: 'bots' }, component: lazyRouteComponent(() => import('./routes/bot-create')) }); // prettier-ignore
const bot = createRoute({ ...page('/dashboard/bots/$id'), staticData: { action: 'bots' }, validateSearch: (search): { tab?: string | undefined; test?: string | undefined } => ({ tab: word(search.tab), test: word(search.test) }), component: lazyRouteComponent(() => import('./routes/bot')) }); // prettier-ignore
const botEdit = createRoute({ ...page('/dashboard/bots/$id/edit'), staticData: { action: 'bots' }, component: lazyRouteComponent(() => import('./routes/bot-edit')) }); // prettier-ignore
const dnc = createRoute({ ...page('/dashboard/do-not-call'), staticData: { action: 'dnc' }, validateSearch: readDncSearch, component: lazyRouteComponent(() => import('./routes/dnc')) }); // prettier-ignore
const fleet = createRoute({ ...page('/dashboard/fleet'), staticData: { action: 'fleet' }, component: lazyRouteComponent(() => import('./routes/fleet')) }); // prettier-ignore
const carriers = createRoute({ ...page('/dashboard/carriers'), staticData: { action: 'carriers' }, validateSearch: readCarriersSearch, component: lazyRouteComponent(() => import('./routes/carriers')) }); // prettier-ignore
const carrierCreate = createRoute({ ...page('/dashboard/carriers/create'), staticData: { action: 'changeCarriers' }, component: lazyRouteComponent(() => import('./routes/carrier-create')) }); // prettier-ignore
const carrier = createRoute({ ...page('/dashboard/carriers/$id'), staticData: { action: 'carriers' }, component: lazyRouteComponent(() => import('./routes/carrier')) }); // prettier-ignore
const users = createRoute({ ...page('/dashboard/users'), staticData: { action: 'users' }, validateSearch: readUsersSearch, component: lazyRouteComponent(() => import('./routes/users')) }); // prettier-ignore
const apiKeys = createRoute({ ...page('/dashboard/api-keys'), staticData: { action: 'apiKeys' }, validateSearch: readKeysSearch, component: lazyRouteComponent(() => import('./routes/api-keys')) }); // prettier-ignore
const settings = createRoute({ ...page('/dashboard/settings/$section'), staticData: { action: 'settings' }, validateSearch: readOutboxSearch, component: lazyRouteComponent(() => import('./routes/settings')) }); // prettier-ignore
const auditLog = createRoute({ ...page('/dashboard/audit-log'), staticData: { action: 'auditLog' }, validateSearch: readAuditSearch, component: lazyRouteComponent(() => import('./routes/audit-log')) }); // prettier-ignore
// Inside the frame: who lost the way finds the menu.
const nothing = createRoute({ ...page('/$'), component: NotFound });
const profile = createRoute({ ...page('/dashboard/profile'), staticData: { action: 'profile' }, component: lazyRouteComponent(() => import('./routes/profile')) }); // prettier-ignore

// The condition is a constant of the build, which leaves the gallery out (scripts/size.mjs looks that it does).
const development = import.meta.env.DEV
  ? [createRoute({ getParentRoute: () => root, path: '/dev/gallery', component: lazyRouteComponent(() => import('./gallery/page')) })] // prettier-ignore
  : [];

const tree = root.addChildren([
  login,
  ...development,
  signedIn.addChildren([
    start,
    overview,
    calls,
    call,
    campaigns,
    campaignNew,
    campaign,
    campaignEdit,
    bots,
    botCreate,
    bot,
    botEdit,
    dnc,
    fleet,
    carriers,
    carrierCreate,
    carrier,
    users,
    apiKeys,
    settings,
    auditLog,
    profile,
    nothing,
  ]),
]);

export function createConsoleRouter(queryClient: QueryClient) {
  return createRouter({
    routeTree: tree,
    context: { queryClient },
    defaultPreload: 'intent',
    defaultErrorComponent: ({ error }) => <Broken error={error} />,
    defaultNotFoundComponent: NotFound,
    scrollRestoration: true,
    notFoundMode: 'root',
  });
}
