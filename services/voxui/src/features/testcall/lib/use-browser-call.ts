import { useCallback, useEffect, useRef, useState } from 'react';

import { botsBrowserCall, fleetStatus } from '@/generated';
import { data } from '@/lib/api';

import { BrowserCall, type CallState } from './browser-call';
import { startTrouble } from './problems';

/** A test call of a bot, and its end when the page goes. */
export function useBrowserCall(botId: string) {
  const [state, setState] = useState<CallState | null>(null);
  const call = useRef<BrowserCall | null>(null);

  useEffect(() => {
    const hangUp = () => call.current?.hangUp();
    window.addEventListener('pagehide', hangUp);
    return () => {
      window.removeEventListener('pagehide', hangUp);
      hangUp();
    };
  }, []);

  const start = useCallback(
    (deviceId: string, variables: Record<string, string>) => {
      call.current?.hangUp();
      const fresh = new BrowserCall((next) => {
        if (call.current === fresh) setState(next);
      });
      call.current = fresh;
      void fresh.start(
        deviceId,
        () => data(botsBrowserCall({ path: { bot_id: botId }, body: { variables } })),
        async (error) => {
          // Browsers and refusals say little: the fleet is asked how many seats there are.
          const fleet = await data(fleetStatus()).catch(() => null);
          return startTrouble(error, fleet?.total_capacity ?? null);
        },
      );
    },
    [botId],
  );
  const reset = useCallback(() => {
    call.current?.hangUp();
    call.current = null;
    setState(null);
  }, []);
  return { state, start, reset, call };
}
