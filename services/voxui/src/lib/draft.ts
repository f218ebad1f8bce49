/** An unsaved form of this tab, kept until it is saved or thrown away. Secrets are the caller's to leave out. */

const keyOf = (name: string) => `vox_draft_${name}`;

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
