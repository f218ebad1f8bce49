import type { AuditEntry } from '@/generated';

export interface Change {
  field: string;
  before: string;
  after: string;
}

/** A value as a person reads it: text as it is, nothing as a word, the rest as JSON. */
export function shown(value: unknown): string {
  if (value === null || value === undefined || value === '') return 'Nothing';
  if (typeof value === 'boolean') return value ? 'Yes' : 'No';
  if (typeof value === 'string') return value;
  return JSON.stringify(value, null, typeof value === 'object' ? 1 : undefined);
}

/** Secrets come as "changed" and prompts as size and hash: the server never writes them down. */
export const changesOf = (entry: AuditEntry): Change[] =>
  Object.entries(entry.changes)
    .sort(([one], [other]) => one.localeCompare(other))
    .map(([field, [before, after]]) => ({ field, before: shown(before), after: shown(after) }));
