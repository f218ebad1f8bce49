/** Refusals of the server (422) at the fields that caused them. */
import type { FieldValues, Path, UseFormReturn } from 'react-hook-form';

import { ApiError } from '@/lib/api';

/** Shows each refused field at its place. Returns what no field of the form takes, for the box above it. */
export function showRefusals<T extends FieldValues>(form: UseFormReturn<T>, error: unknown, known: string[]): unknown {
  if (!(error instanceof ApiError) || error.fields.length === 0) return error;
  const rest = error.fields.filter((field) => !known.includes(String(field.loc[0])));
  error.fields
    .filter((field) => known.includes(String(field.loc[0])))
    .forEach((field, position) => {
      form.setError(field.loc.join('.') as Path<T>, { message: field.msg }, { shouldFocus: position === 0 });
    });
  return rest.length > 0 ? error : null;
}
