import { useCallback, useEffect, useRef, useState } from 'react';

import { botsBrowserCall, fleetStatus } from '@/generated';
import { data } from '@/lib/api';

import { BrowserCall, type CallState } from './browser-call';

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
      const office = {
        place: () => data(botsBrowserCall({ path: { bot_id: botId }, body: { variables } })),
        fleet: () => data(fleetStatus()).catch(() => null),
      };
      const fresh = new BrowserCall(office, (next) => {
        if (call.current === fresh) setState(next);
      });
      call.current = fresh;
      void fresh.start(deviceId);
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
