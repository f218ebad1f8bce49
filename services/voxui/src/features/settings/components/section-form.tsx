import { useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { FormProvider, useForm, type DefaultValues, type FieldValues } from 'react-hook-form';

import { Panel } from '@/components/card';
import { showRefusals } from '@/components/form';
import { FormEnd } from '@/components/form-end';
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
  // A refresh of the page's data never throws away what somebody is typing.
  const form = useForm<T>({
    defaultValues: values as DefaultValues<T>,
    values,
    resetOptions: { keepDirtyValues: true },
  });
  const submit = form.handleSubmit(async (written) => {
    setError(null);
    try {
      await save(written);
      form.reset(written);
      await queries.invalidateQueries({ queryKey: ['settings'] });
      toast(`${title} saved`);
    } catch (caught) {
      setError(showRefusals(form, caught, Object.keys(values)));
    }
  });
  const isConflict = error instanceof ApiError && error.code === 'revision_conflict';
  return (
    <Panel title={title} {...(hint ? { hint } : {})}>
      <FormProvider {...form}>
        <form noValidate className="space-y-4" onSubmit={(event) => void submit(event)}>
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
        </form>
      </FormProvider>
    </Panel>
  );
}
