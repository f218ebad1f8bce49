/** The frame of the signed-in console: menu, banner, the page in the middle. */
import { useQueryClient } from '@tanstack/react-query';
import { Link, Outlet, useLocation, useMatches, useRouter } from '@tanstack/react-router';
import { Dialog } from 'radix-ui';
import { lazy, Suspense, useDeferredValue, useEffect, useState } from 'react';

import { IconButton } from '@/components/button';
import { Icon } from '@/components/icons';
import { LeaveGuard } from '@/components/leave-guard';
import { Logo } from '@/components/logo';
import { LoadingBlock, Notice, Problem } from '@/components/states';
import { clock } from '@/lib/format';
import { useMe, useOnline, useZone } from '@/lib/hooks';
import { whenIdle } from '@/lib/idle';
import { may, ROLE_NEEDED, type Action } from '@/lib/permissions';
import { serverAwaySince, useServerAway } from '@/lib/query';
import { isTyped, keyOf, press, type ANYWHERE } from '@/lib/shortcuts';
import { useNewVersion } from '@/lib/version';
import type { User } from '@/generated';

import { AccountMenu } from './account-menu';
import { followEvents } from './live';
import { NAV } from './nav';
import { Forbidden } from './pages';
import { SessionEnd } from './session-end';

const Palette = lazy(() => import('./palette'));
const Shortcuts = lazy(() => import('./shortcuts'));

declare module '@tanstack/react-router' {
  interface StaticDataRouteOption {
    action?: Action;
  }
}

export default function Shell() {
  const me = useMe();
  const isAway = useServerAway() !== null;
  const queries = useQueryClient();
  useEffect(() => followEvents(queries), [queries]);
  useScreensAtHand(me.data);
  const [shown, setShown] = useState<'palette' | 'shortcuts' | null>(null);
  const search = setShown.bind(null, 'palette');
  const close = setShown.bind(null, null);
  useEffect(() => {
    const acts = { k: setShown.bind(null, 'palette'), '?': setShown.bind(null, 'shortcuts') };
    const onKey = (event: KeyboardEvent) => {
      const isSearch = keyOf(event) === 'k' && (event.ctrlKey || event.metaKey);
      if (isSearch || (event.key === '?' && !isTyped(event.target))) press<typeof ANYWHERE>(event, acts);
    };
    window.addEventListener('keydown', onKey);
    return () => {
      window.removeEventListener('keydown', onKey);
    };
  }, []);

  if (me.isPending) {
    return (
      <div className="mx-auto max-w-xl space-y-4 p-10">
        <div role="alert">
          {isAway && <Notice tone="warn">The server does not answer. The console opens as soon as it does.</Notice>}
        </div>
        <LoadingBlock label="Loading the console" />
      </div>
    );
  }
  if (!me.data) {
    return (
      <main className="mx-auto max-w-xl p-6 pt-[15vh]">
        <h1 className="sr-only">The console could not be loaded</h1>
        <Problem error={me.error} title="The console could not be loaded" onRetry={me.refetch} />
      </main>
    );
  }
  return (
    <LeaveGuard>
      <div className="flex min-h-dvh flex-col md:flex-row">
        <a
          href="#content"
          className="sr-only z-50 rounded bg-brand px-3 py-2 text-on-brand focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
        >
          Skip to the content
        </a>
        <TopBar me={me.data} onSearch={search} />
        <SideMenu me={me.data} onSearch={search} onShortcuts={setShown.bind(null, 'shortcuts')} />
        <main id="content" tabIndex={-1} className="min-w-0 grow outline-none">
          <AwayBanner />
          <VersionBanner />
          <Gate me={me.data} />
        </main>
        <SessionEnd email={me.data.email} />
        <Suspense fallback={null}>
          {shown === 'palette' && <Palette me={me.data} onClose={close} />}
          {shown === 'shortcuts' && <Shortcuts onClose={close} />}
        </Suspense>
      </div>
    </LeaveGuard>
  );
}

/** The code of every screen of the menu is fetched while nobody waits for it: a first visit waits for its data alone. */
function useScreensAtHand(me: User | undefined) {
  const router = useRouter();
  useEffect(() => {
    if (!me) return;
    const ahead = (to: string) => () => serverAwaySince() === null && router.preloadRoute({ to });
    return whenIdle(visible(me).map(({ to }) => ahead(to)));
  }, [router, me]);
}

function Gate({ me }: { me: User }) {
  const action = useMatches().at(-1)?.staticData.action;
  // The page comes after its frame, and in slices: both together, drawn at once, would block a slow phone for long.
  const isFrameDrawn = useDeferredValue(true, false);
  if (!isFrameDrawn) return null;
  return action && !may(me, action) ? <Forbidden role={ROLE_NEEDED[action]} /> : <Outlet />;
}

function AwayBanner() {
  const since = useServerAway();
  const online = useOnline();
  const zone = useZone();
  return (
    <div role="alert">
      {since !== null && (
        <p className="bg-warn-soft px-4 py-2 text-center text-sm font-medium text-warn">
          {online ? 'The server does not answer.' : 'You are offline.'} What you see is from {clock(since, zone)} or
          earlier; this page asks again by itself.
        </p>
      )}
    </div>
  );
}

/** Never by itself: a form may be half filled in. */
function VersionBanner() {
  const isNew = useNewVersion();
  return (
    <div role="status">
      {isNew && (
        <p className="flex flex-wrap items-center justify-center gap-x-3 gap-y-1 bg-info-soft px-4 py-2 text-sm font-medium text-info">
          A new version of the console is ready.
          <button type="button" className="underline" onClick={() => window.location.reload()}>
            Reload for the new version
          </button>
        </p>
      )}
    </div>
  );
}

const visible = (me: User) => NAV.filter((entry) => may(me, entry.action));

function NavList({ me, narrow, onChosen }: { me: User; narrow: boolean; onChosen?: () => void }) {
  const path = useLocation().pathname;
  const isHere = (to: string) => {
    const base = to.replace(/\/general$/, '');
    return base === '/dashboard' ? path === base : path === base || path.startsWith(base + '/');
  };
  return (
    <nav aria-label="Main" className="-m-1 min-h-0 overflow-y-auto p-1">
      <ul className="space-y-0.5">
        {visible(me).map((entry) => (
          <li key={entry.to}>
            <Link
              to={entry.to}
              {...(onChosen ? { onClick: onChosen } : {})}
              title={entry.label}
              activeOptions={{ exact: true }}
              aria-current={isHere(entry.to) ? 'page' : undefined}
              className={`flex h-9 items-center gap-3 rounded-lg px-2.5 text-sm text-muted no-underline transition-colors hover:bg-sunken hover:text-ink aria-[current=page]:bg-brand-soft aria-[current=page]:font-medium aria-[current=page]:text-brand-text ${narrow ? 'justify-center xl:justify-start' : ''}`}
            >
              <Icon name={entry.icon} />
              <span className={narrow ? 'sr-only xl:not-sr-only' : ''}>{entry.label}</span>
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

interface SideMenuProps {
  me: User;
  onSearch: () => void;
  onShortcuts: () => void;
}

function SideMenu({ me, onSearch, onShortcuts }: SideMenuProps) {
  return (
    <div className="sticky top-0 hidden h-dvh w-16 shrink-0 flex-col border-r border-line bg-surface p-3 md:flex xl:w-60">
      <Link
        to="/"
        className="mb-4 flex h-9 shrink-0 items-center justify-center rounded-lg no-underline xl:justify-start xl:px-2"
      >
        <Logo narrow />
      </Link>
      <button
        type="button"
        onClick={onSearch}
        className="mb-3 flex h-9 shrink-0 items-center justify-center gap-2 rounded-lg border border-line px-2.5 text-sm text-muted hover:bg-sunken hover:text-ink xl:justify-start"
      >
        <Icon name="search" className="size-4" />
        <span className="sr-only xl:not-sr-only">Search</span>
        <kbd className="ml-auto hidden font-sans text-xs xl:inline">Ctrl K</kbd>
      </button>
      <NavList me={me} narrow />
      <div className="mt-auto pt-2">
        <AccountMenu me={me} onShortcuts={onShortcuts} />
      </div>
    </div>
  );
}

function TopBar({ me, onSearch }: { me: User; onSearch: () => void }) {
  const [open, setOpen] = useState(false);
  return (
    <header className="sticky top-0 z-30 flex h-14 items-center gap-1 border-b border-line bg-surface px-2 md:hidden">
      <Dialog.Root open={open} onOpenChange={setOpen}>
        <Dialog.Trigger asChild>
          <IconButton icon="menu" label="Open the menu" className="size-10" />
        </Dialog.Trigger>
        <Dialog.Portal>
          <Dialog.Overlay className="fixed inset-0 z-40 bg-black/50" />
          <Dialog.Content
            aria-describedby={undefined}
            className="fixed inset-y-0 left-0 z-40 flex w-72 max-w-[85vw] flex-col bg-surface p-3 shadow-raised"
          >
            <div className="mb-3 flex items-center justify-between pl-2">
              <Dialog.Title asChild>
                <span>
                  <Logo />
                </span>
              </Dialog.Title>
              <Dialog.Close asChild>
                <IconButton icon="close" label="Close the menu" className="size-10" />
              </Dialog.Close>
            </div>
            <NavList
              me={me}
              narrow={false}
              onChosen={() => {
                setOpen(false);
              }}
            />
            <div className="mt-auto pt-2">
              <AccountMenu me={me} wide />
            </div>
          </Dialog.Content>
        </Dialog.Portal>
      </Dialog.Root>
      <Link to="/" className="flex no-underline">
        <Logo />
      </Link>
      <IconButton icon="search" label="Search" className="ml-auto size-10" onClick={onSearch} />
    </header>
  );
}
