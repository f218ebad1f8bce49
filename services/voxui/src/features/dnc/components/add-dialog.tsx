import { useState } from 'react';
import { FormProvider, useForm, useWatch } from 'react-hook-form';

import { Dialog } from '@/components/dialog';
import { showRefusals } from '@/components/form';
import { FormEnd } from '@/components/form-end';
import { AreaField, TextField } from '@/components/form-fields';
import { Notice } from '@/components/states';
import { useToast } from '@/components/toast';
import type { DncAdded } from '@/generated';
import { endOfDay } from '@/lib/days';
import { plural } from '@/lib/format';
import { useZone } from '@/lib/hooks';

import { useDncChanges } from '../api/dnc';
import { refusalOf, splitNumbers } from '../lib/numbers';

interface AddForm {
  numbers: string;
  reason: string;
  until: string;
}

export function AddDialog({ onClose }: { onClose: () => void }) {
  const zone = useZone();
  const toast = useToast();
  const { add } = useDncChanges();
  const [error, setError] = useState<unknown>(null);
  const [added, setAdded] = useState<DncAdded | null>(null);
  const form = useForm<AddForm>({ defaultValues: { numbers: '', reason: '', until: '' } });
  const count = splitNumbers(useWatch({ control: form.control, name: 'numbers' })).length;

  const save = form.handleSubmit(async (values) => {
    setError(null);
    const numbers = splitNumbers(values.numbers);
    const refusal = refusalOf(numbers);
    if (refusal) {
      form.setError('numbers', { message: refusal }, { shouldFocus: true });
      return;
    }
    try {
      const outcome = await add({
        phone_numbers: numbers,
        reason: values.reason.trim(),
        expires_at: values.until ? new Date(endOfDay(values.until, zone)).toISOString() : null,
      });
      // Whoever pasted a typing error must hear of it before the text is gone.
      if (outcome.invalid > 0) {
        setAdded(outcome);
        return;
      }
      toast(summary(outcome));
      onClose();
    } catch (caught) {
      setError(showRefusals(form, caught, ['reason']));
    }
  });
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title="Add numbers"
      hint="Nobody of them is called again; contacts that wait become excluded within seconds."
    >
      <FormProvider {...form}>
        <form noValidate className="space-y-4" onSubmit={(event) => void save(event)}>
          <AreaField<AddForm>
            name="numbers"
            label="Phone numbers"
            rows={7}
            placeholder={'+49 30 123456\n+1 555 0100'}
            hint={count > 1 ? plural(count, 'number') : 'One a line, or with commas between them'}
          />
          <TextField<AddForm> name="reason" label="Reason" placeholder="Asked by letter" optional />
          <TextField<AddForm>
            name="until"
            label="Until the end of"
            type="date"
            optional
            hint="Empty: for ever. After this day the numbers may be called again."
          />
          {added && (
            <Notice tone="warn">
              {summary(added)}. {plural(added.invalid, 'entry is', 'entries are')} no phone number and not on the list:
              correct the text and add it again; nothing is counted twice.
            </Notice>
          )}
          <FormEnd
            error={error}
            failed="Nothing was added"
            busy={form.formState.isSubmitting && 'Adding …'}
            onCancel={onClose}
            cancel={added ? 'Close' : 'Cancel'}
          >
            Add
          </FormEnd>
        </form>
      </FormProvider>
    </Dialog>
  );
}

const summary = ({ added, existing }: DncAdded) =>
  `${plural(added, 'number')} added` + (existing > 0 ? `, ${existing.toLocaleString('en')} stood there already` : '');
