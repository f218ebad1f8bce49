import { useState } from 'react';
import { useWatch } from 'react-hook-form';

import { plural } from '@/lib/format';
import { refusalOf, splitNumbers } from '@/lib/numbers';

import { Dialog } from './dialog';
import { showRefusals } from './form';
import { FormEnd } from './form-end';
import { AreaField, TextField } from './form-fields';
import { KeptForm, useKeptForm } from './kept-form';
import { Notice } from './states';
import { useToast } from './toast';

export interface PastedNumbers {
  numbers: string[];
  reason: string;
  /** The last day on which it counts, YYYY-MM-DD; empty: for ever. */
  until: string;
}

interface NumbersDialogProps<Outcome> {
  /** Where unsaved numbers are kept: one name for each list. */
  name: string;
  title: string;
  hint: string;
  action: string;
  busy: string;
  failed: string;
  reasonExample: string;
  /** What to do with more numbers than one request takes. */
  tooMany: string;
  /** What an end means; left out: there is none to choose. */
  untilHint?: string;
  onSend: (pasted: PastedNumbers) => Promise<Outcome>;
  summary: (outcome: Outcome) => string;
  onClose: () => void;
}

/** Numbers that somebody pasted, put on a list. */
export function NumbersDialog<Outcome extends { invalid: number }>(props: NumbersDialogProps<Outcome>) {
  const { onSend, summary, onClose, untilHint } = props;
  const toast = useToast();
  const [error, setError] = useState<unknown>(null);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const kept = useKeptForm({ name: props.name, defaultValues: { numbers: '', reason: '', until: '' } });
  const { form } = kept;
  const count = splitNumbers(useWatch({ control: form.control, name: 'numbers' })).length;

  const save = async (values: { numbers: string; reason: string; until: string }) => {
    setError(null);
    const numbers = splitNumbers(values.numbers);
    const refusal = refusalOf(numbers, props.tooMany);
    if (refusal) {
      form.setError('numbers', { message: refusal }, { shouldFocus: true });
      return;
    }
    try {
      const told = await onSend({ numbers, reason: values.reason.trim(), until: values.until });
      // Whoever pasted a typing error must hear of it before the text is gone.
      if (told.invalid > 0) {
        setOutcome(told);
        return;
      }
      kept.saved();
      toast(summary(told));
      onClose();
    } catch (caught) {
      setError(showRefusals(form, caught, ['reason']));
    }
  };
  return (
    <Dialog open onOpenChange={onClose} title={props.title} hint={props.hint}>
      <KeptForm of={kept} onSubmit={save}>
        <AreaField
          name="numbers"
          label="Phone numbers"
          rows={7}
          placeholder={'+49 30 123456\n+1 555 0100'}
          hint={count > 1 ? plural(count, 'number') : 'One a line, or with commas between them'}
        />
        <TextField name="reason" label="Reason" placeholder={props.reasonExample} optional />
        {untilHint !== undefined && (
          <TextField name="until" label="Until the end of" type="date" optional hint={untilHint} />
        )}
        {outcome && (
          <Notice tone="warn">
            {summary(outcome)}. {plural(outcome.invalid, 'entry is', 'entries are')} no phone number and not on the
            list: correct the text and add it again; nothing is counted twice.
          </Notice>
        )}
        <FormEnd
          error={error}
          failed={props.failed}
          busy={form.formState.isSubmitting && props.busy}
          onCancel={onClose}
          cancel={outcome ? 'Close' : 'Cancel'}
        >
          {props.action}
        </FormEnd>
      </KeptForm>
    </Dialog>
  );
}
