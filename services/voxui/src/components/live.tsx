/** Live views say how old they are. */
import type { UseQueryResult } from '@tanstack/react-query';
import { createContext, useContext, useEffect, useId, useSyncExternalStore } from 'react';

import type { Age, Ages } from '@/lib/age';
import { clock, dateTime } from '@/lib/format';
import { useNow, useZone } from '@/lib/hooks';

import { Badge } from './badge';

/** Of the page around. */
export const PageAges = createContext<Ages | null>(null);

interface LiveDataProps {
  of: Pick<UseQueryResult, 'dataUpdatedAt' | 'fetchStatus' | 'failureCount'>;
  /** How often it is asked for while nothing is told. */
  everyMs: number;
  /** How long after an event it may be asked for. Infinity: no event tells of it, and it is as old as its last answer. */
  lateMs?: number;
}

/** Shows nothing by itself: says that a query is live, so that the page around says how old it is. */
export function LiveData({ of: { dataUpdatedAt, fetchStatus, failureCount }, everyMs, lateMs = 0 }: LiveDataProps) {
  const ages = useContext(PageAges);
  const id = useId();
  useEffect(() => {
    ages?.report(id, { dataUpdatedAt, fetchStatus, failureCount }, everyMs, lateMs);
  }, [ages, id, dataUpdatedAt, fetchStatus, failureCount, everyMs, lateMs]);
  useEffect(
    () => () => {
      ages?.forget(id);
    },
    [ages, id],
  );
  return null;
}

/** The time, renewed each second; once updates have stopped, the moment that the page's data are from. */
export function useDataNow(): number {
  const ages = useContext(PageAges);
  const age = useSyncExternalStore(ages?.subscribe ?? never, () => ages?.current() ?? null);
  const now = useNow(1_000);
  return age?.isOld ? age.at : now;
}

const never = () => () => undefined;
const HALF_A_DAY_S = 43_200;

/** The age of a live view; once updates have stopped, the moment that its data are from. */
export function AgeNote({ age: { at, seconds, isOld } }: { age: Age }) {
  const zone = useZone();
  const since = seconds < HALF_A_DAY_S ? clock(at, zone) : dateTime(new Date(at).toISOString(), zone);
  return (
    <span className="num text-xs text-muted">
      {!isOld && (
        <span className="inline-flex items-center gap-1.5" title={since}>
          <span className="size-1.5 rounded-full bg-ok" aria-hidden="true" />
          As of {seconds === 0 ? 'now' : `${seconds} s ago`}
        </span>
      )}
      {/* Read aloud once, not each second. */}
      <span role="status">{isOld && <Badge dot>Data from {since}</Badge>}</span>
    </span>
  );
}
