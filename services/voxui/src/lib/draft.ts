/** Unsaved forms of this tab, kept until they are saved or thrown away. Secrets are the caller's to leave out. */
import { personOf, token } from './session';

const PREFIX = 'vox_draft_';
// Whoever signs in next in this tab finds nothing of the person before.
const keyOf = (name: string) => `${PREFIX}${personOf(token())}_${name}`;

/** The form as it was kept; null: none is. */
export function readDraft<T>(name: string): T | null {
  try {
    const kept = sessionStorage.getItem(keyOf(name));
    return kept ? (JSON.parse(kept) as T) : null;
  } catch {
    return null;
  }
}

export function keepDraft(name: string, draft: unknown) {
  try {
    sessionStorage.setItem(keyOf(name), JSON.stringify(draft));
  } catch {
    // Storage is full or blocked: leaving the page still warns.
  }
}

export function dropDraft(name: string) {
  try {
    sessionStorage.removeItem(keyOf(name));
  } catch {
    // As above.
  }
}

/** At the sign-out nothing that was typed stays behind. */
export function dropDrafts() {
  try {
    for (const key of Object.keys(sessionStorage)) if (key.startsWith(PREFIX)) sessionStorage.removeItem(key);
  } catch {
    // As above.
  }
}

/** The fields that differ from what is stored: what somebody else saves meanwhile is not undone by an old draft. */
export function changedFields<T extends object>(values: T, stored: Partial<T>): Partial<T> {
  const isSame = (key: string) => JSON.stringify(values[key as keyof T]) === JSON.stringify(stored[key as keyof T]);
  return Object.fromEntries(Object.entries(values).filter(([key]) => !isSame(key))) as Partial<T>;
}
