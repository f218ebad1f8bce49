/** Whether the server has a newer console than the one that runs in this tab. It never reloads by itself. */
import { useEffect, useState } from 'react';

const LOOK_MS = 5 * 60_000;

/** The script of the page names the build: its name holds a hash of what it says. */
const ownEntry = () => document.querySelector<HTMLScriptElement>('script[type="module"][src]')?.getAttribute('src');

export async function isReplaced(own: string | null | undefined): Promise<boolean> {
  if (!own) return false;
  try {
    const answer = await fetch('/version.json', { cache: 'no-store', signal: AbortSignal.timeout(10_000) });
    const told: unknown = answer.ok ? await answer.json() : null;
    const entry = typeof told === 'object' && told !== null ? (told as { entry?: unknown }).entry : undefined;
    return typeof entry === 'string' && entry !== own;
  } catch {
    return false; // no build, or nobody answers: nothing to tell
  }
}

export function useNewVersion(): boolean {
  const [isNew, setNew] = useState(false);
  useEffect(() => {
    const look = () => {
      if (document.hidden) return;
      void isReplaced(ownEntry()).then((replaced) => {
        if (replaced) setNew(true);
      });
    };
    look();
    const timer = setInterval(look, LOOK_MS);
    document.addEventListener('visibilitychange', look);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', look);
    };
  }, []);
  return isNew;
}
