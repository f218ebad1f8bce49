import { useBlocker } from '@tanstack/react-router';
import type { ReactNode } from 'react';

import { LeaveScope, useLeaving } from '@/lib/leave';
import { token } from '@/lib/session';

import { LeaveQuestion } from './dialog';

/** Asks before a page with an unsaved form is left: by a link, by Back, by Cancel; for the tab the browser itself asks. */
export function LeaveGuard({ children }: { children: ReactNode }) {
  const { scope, isUnsaved, way, stay } = useLeaving();
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => current.pathname !== next.pathname && isUnsaved(),
    // A session that has ended leads to the sign-in unasked, and back to what was kept.
    enableBeforeUnload: () => isUnsaved() && token() !== null,
    withResolver: true,
  });
  const go = blocker.status === 'blocked' ? blocker.proceed : way;
  return (
    <LeaveScope value={scope}>
      {children}
      {go && (
        <LeaveQuestion
          onLeave={go}
          onStay={() => {
            stay();
            blocker.reset?.();
          }}
        />
      )}
    </LeaveScope>
  );
}
