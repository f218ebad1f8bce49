import { useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import type { DefaultValues, FieldValues } from 'react-hook-form';

import { Panel } from '@/components/card';
import { showRefusals } from '@/components/form';
import { FormEnd } from '@/components/form-end';
import { KeptForm, useKeptForm } from '@/components/kept-form';
import { useToast } from '@/components/toast';
import { ApiError } from '@/lib/api';

interface SectionFormProps<T extends FieldValues> {
  title: string;
  hint?: string;
  values: T;
  /** Saves the section; throws ApiError. */
  save: (values: T) => Promise<unknown>;
  children: ReactNode;
}

/** One block of the settings that saves alone. */
export function SectionForm<T extends FieldValues>({ title, hint, values, save, children }: SectionFormProps<T>) {
  const queries = useQueryClient();
  const toast = useToast();
  const [error, setError] = useState<unknown>(null);
  const kept = useKeptForm<T>({
    name: `settings_${title}`,
    defaultValues: values as DefaultValues<T>,
    values,
  });
  const { form } = kept;
  const submit = async (written: T) => {
    setError(null);
    try {
      await save(written);
      kept.saved();
      await queries.invalidateQueries({ queryKey: ['settings'] });
      toast(`${title} saved`);
    } catch (caught) {
      setError(showRefusals(form, caught, Object.keys(values)));
    }
  };
  const isConflict = error instanceof ApiError && error.code === 'revision_conflict';
  return (
    <Panel title={title} {...(hint ? { hint } : {})}>
      <KeptForm of={kept} onSubmit={submit}>
        {children}
        <FormEnd
          error={error}
          failed={isConflict ? 'Somebody else changed the settings meanwhile' : 'Not saved'}
          onRetry={isConflict ? () => queries.invalidateQueries({ queryKey: ['settings'] }) : undefined}
          disabled={!form.formState.isDirty}
          busy={form.formState.isSubmitting && 'Saving …'}
          place="page"
        >
          Save
        </FormEnd>
      </KeptForm>
    </Panel>
  );
}
