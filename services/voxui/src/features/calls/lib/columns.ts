/** Which optional columns somebody wants to see; kept in this browser. */
import { useState } from 'react';

const KEY = 'vox_call_columns';

function stored(): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return Array.isArray(kept) ? kept.filter((key) => typeof key === 'string') : [];
  } catch {
    return [];
  }
}

export function useChosenColumns(): [string[], (key: string) => void] {
  const [chosen, setChosen] = useState(stored);
  const toggle = (key: string) => {
    const next = chosen.includes(key) ? chosen.filter((other) => other !== key) : [...chosen, key];
    setChosen(next);
    try {
      localStorage.setItem(KEY, JSON.stringify(next));
    } catch {
      // Storage may be blocked: the choice then lasts until the page is left.
    }
  };
  return [chosen, toggle];
}
