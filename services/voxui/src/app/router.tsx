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

import { readSearch } from '@/features/calls/lib/filters';
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
    if (me && rank(me.role) >= rank('admin')) throw redirect({ to: '/dashboard/calls' });
  },
  component: NoConsole,
});

const page = <const Path extends string>(path: Path) => ({ getParentRoute: () => signedIn, path }) as const;
const tabbed = (search: Record<string, unknown>): { tab?: string | undefined } => ({ tab: word(search.tab) });

const calls = createRoute({ ...page('/dashboard/calls'), staticData: { action: 'calls' }, validateSearch: readSearch, component: lazyRouteComponent(() => import('./routes/calls')) }); // prettier-ignore
const call = createRoute({ ...page('/dashboard/calls/$id'), staticData: { action: 'calls' }, validateSearch: tabbed, component: lazyRouteComponent(() => import('./routes/call')) }); // prettier-ignore

const tree = root.addChildren([
  login,
  signedIn.addChildren([start, calls, call]),
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

