/** Work that nobody waits for. */

const PAUSE_MS = 200;
let isWorking = false;

/** Whether such work is under way: what fails now is nothing that a person asked for. */
export const isIdleWork = () => isWorking;

/** One after the other, each when the page has nothing else to do, until it is called off. What fails is left out. */
export function whenIdle(works: (() => unknown)[]): () => void {
  let isOff = false;
  const next = async () => {
    const work = works.shift();
    if (!work || isOff) return;
    isWorking = true;
    try {
      await work();
    } catch {
      // Whoever needs it asks again, and is told.
    }
    isWorking = false;
    plan();
  };
  const plan = () => {
    // Safari has no idle callback.
    if ('requestIdleCallback' in window) window.requestIdleCallback(() => void next());
    else setTimeout(() => void next(), PAUSE_MS);
  };
  plan();
  return () => {
    isOff = true;
  };
}
