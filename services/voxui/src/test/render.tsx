import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  RouterProvider,
} from '@tanstack/react-router';
import { render } from '@testing-library/react';
import type { ReactElement } from 'react';

import { LeaveGuard } from '@/components/leave-guard';
import { ToastProvider } from '@/components/toast';

/** A component with everything around it that a page has: cache, router, messages. Nothing is tried twice. */
export function renderPage(element: ReactElement) {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false }, mutations: { retry: false } } });
  const root = createRootRoute();
  const page = createRoute({
    getParentRoute: () => root,
    path: '$',
    component: () => <LeaveGuard>{element}</LeaveGuard>,
  });
  const router = createRouter({
    routeTree: root.addChildren([page]),
    history: createMemoryHistory({ initialEntries: ['/page'] }),
  });
  return render(
    <QueryClientProvider client={client}>
      <ToastProvider>
        {/* The links inside lead to routes of the real router; here they only must render. */}
        <RouterProvider router={router as never} />
      </ToastProvider>
    </QueryClientProvider>,
  );
}
