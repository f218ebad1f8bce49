import { Link } from '@tanstack/react-router';
import { useState, useSyncExternalStore, type ReactNode } from 'react';

import { Ages } from '@/lib/age';
import { config } from '@/lib/config';
import { usePageTitle } from '@/lib/hooks';

import { Icon } from './icons';
import { AgeNote, PageAges } from './live';

interface PageProps {
  title: string;
  /** What stands beside the title: a state, an id. */
  beside?: ReactNode;
  lead?: ReactNode;
  actions?: ReactNode;
  back?: { to: string; label: string };
  children: ReactNode;
}

/** The frame of every screen: one heading, what can be done here, then the content; grey when it is no longer live. */
export function Page({ title, beside, lead, actions, back, children }: PageProps) {
  usePageTitle(title, config.brandName);
  const [ages] = useState(() => new Ages());
  const age = useSyncExternalStore(ages.subscribe, ages.current);
  return (
    <div className="mx-auto w-full max-w-[88rem] px-4 py-5 sm:px-6 lg:px-8 lg:py-7">
      {back && (
        <Link
          to={back.to}
          className="mb-2 -ml-1 inline-flex items-center gap-1 rounded text-[0.8125rem] text-muted no-underline hover:text-ink"
        >
          <Icon name="chevron" className="size-4 rotate-180" />
          {back.label}
        </Link>
      )}
      <header className="mb-5 flex flex-wrap items-start gap-x-4 gap-y-3">
        <div className="min-w-0 grow">
          <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <h1 className="text-xl font-semibold tracking-tight break-words">{title}</h1>
            {beside}
            {age && <AgeNote age={age} />}
          </div>
          {lead && <div className="mt-1 max-w-3xl text-muted">{lead}</div>}
        </div>
        {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
      </header>
      <div className={age?.isOld ? 'old-data' : ''}>
        <PageAges value={ages}>{children}</PageAges>
      </div>
    </div>
  );
}
