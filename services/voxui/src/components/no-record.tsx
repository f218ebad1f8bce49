import type { UseQueryResult } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ComponentProps, ReactNode } from 'react';

import { ApiError } from '@/lib/api';

import { buttonClass } from './button';
import type { Icon } from './icons';
import { Page } from './page';
import { Empty, LoadingBlock, Problem } from './states';

interface NoRecordProps {
  query: UseQueryResult<unknown>;
  /** One word: `bot`, `call`. */
  what: string;
  id: string;
  icon: ComponentProps<typeof Icon>['name'];
  /** The list that it would stand in. */
  list: { to: string; label: string };
  /** What stands there while it loads. */
  children?: ReactNode;
}

/** The page of one record that is not there: still loading, gone, or not to be read. */
export function NoRecord({ query, what, id, icon, list, children }: NoRecordProps) {
  const isGone = query.error instanceof ApiError && query.error.status === 404;
  return (
    <Page title={what.charAt(0).toUpperCase() + what.slice(1)} back={list}>
      {query.isPending ? (
        (children ?? <LoadingBlock label={`Loading the ${what}`} className="h-96" />)
      ) : isGone ? (
        <Empty
          icon={icon}
          title={`This ${what} does not exist`}
          action={
            <Link to={list.to} className={buttonClass()}>
              All {list.label.toLowerCase()}
            </Link>
          }
        >
          No {what} has the id <span className="font-mono break-all">{id}</span>. It may have been deleted.
        </Empty>
      ) : (
        <Problem error={query.error} title={`The ${what} could not be loaded`} onRetry={query.refetch} />
      )}
    </Page>
  );
}
