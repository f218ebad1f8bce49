import { useCallback, useEffect, useState } from 'react';
import { useWatch } from 'react-hook-form';

import { showRefusals } from '@/components/form';
import { KeptForm, useKeptForm } from '@/components/kept-form';
import { Problem } from '@/components/states';
import { StepList } from '@/components/step-list';
import { StepButtons } from '@/components/wizard';
import { ApiError } from '@/lib/api';
import { useUnsaved } from '@/lib/leave';

import { campaignResolver, STEPS, stepOf, type CampaignForm } from '../lib/form';
import { StepBasics } from './step-basics';
import { StepContacts } from './step-contacts';
import { StepDialler } from './step-dialler';
import { StepNumbers } from './step-numbers';
import { StepReview } from './step-review';

/** What the wizard shows of a bot; it belongs to another feature, so the page hands it in. */
export interface BotFacts {
  tokens: string[];
  asksForCallbacks: boolean | null;
}

export interface Surroundings {
  bots: { bot_id: string; name: string }[];
  botFacts: BotFacts;
  onBot: (id: string) => void;
  /** Seats of the fleet; null: not known. */
  seats: number | null;
}

interface WizardProps extends Surroundings {
  initial: CampaignForm;
  /** Where the unsaved form is kept. */
  draftName: string;
  isNew: boolean;
  locked: boolean;
  stored: number;
  /** Throws ApiError. */
  onSave: (form: CampaignForm, file: File | null) => Promise<void>;
}

export function Wizard({ initial, draftName, isNew, locked, stored, onSave, ...around }: WizardProps) {
  const kept = useKeptForm<CampaignForm>({
    name: draftName,
    defaultValues: initial,
    resolver: campaignResolver,
    mode: 'onTouched',
  });
  const { form } = kept;
  const { isDirty, errors } = form.formState;
  const [botId, alwaysOn] = useWatch({ control: form.control, name: ['bot_id', 'config.always_on'] });
  const [at, setAt] = useState(0);
  const [file, setFile] = useState<File | null>(null);
  const [fileError, setFileError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const changed = isDirty || file !== null;
  useUnsaved(useCallback(() => file !== null && !busy, [file, busy]));

  const { onBot } = around;
  useEffect(() => {
    onBot(botId);
  }, [botId, onBot]);
  const save = async () => {
    setError(null);
    setFileError(null);
    if (isNew && !file && !alwaysOn) {
      setFileError('Choose the file of contacts. Only a campaign that is always on begins without one.');
      setAt(STEPS.findIndex((step) => step.key === 'contacts'));
      return;
    }
    setBusy(true);
    try {
      await kept.saving(() => onSave(form.getValues(), file));
    } catch (caught) {
      const fields = caught instanceof ApiError ? caught.fields : [];
      const rest = showRefusals(form, caught, ['name', 'bot_id', 'number_pool', 'config']);
      // A refusal of the configuration as a whole has no field of its own.
      setError(rest ?? (fields.some((field) => field.loc.join() === 'config') ? caught : null));
      const first = stepOf(fields.map((field) => String(field.loc[0])));
      if (first >= 0) setAt(first);
    } finally {
      setBusy(false);
    }
  };
  const step = STEPS[at]?.key;
  const wrong = STEPS.map(
    (entry) =>
      entry.fields.some((field) => errors[field] !== undefined) || (entry.key === 'contacts' && fileError !== null),
  );
  return (
    <KeptForm
      of={kept}
      onSubmit={save}
      onRefused={(refused) => {
        setAt(Math.max(0, stepOf(Object.keys(refused))));
      }}
      className="grid grid-cols-[minmax(0,1fr)] gap-6 lg:grid-cols-[13rem_minmax(0,1fr)]"
    >
      <StepList steps={STEPS} at={at} onStep={setAt} wrong={wrong} isNew={isNew} />
      <div className="max-w-4xl min-w-0 space-y-4">
        {error !== null && <Problem error={error} title="The campaign was not saved" />}
        {step === 'basics' && <StepBasics bots={around.bots} locked={locked} />}
        {step === 'numbers' && <StepNumbers />}
        {step === 'contacts' && (
          <StepContacts
            file={file}
            onFile={(next) => {
              setFile(next);
              setFileError(null);
            }}
            tokens={around.botFacts.tokens}
            locked={locked}
            stored={stored}
            error={fileError}
          />
        )}
        {step === 'dialler' && <StepDialler />}
        {step === 'review' && (
          <StepReview
            botName={around.bots.find((bot) => bot.bot_id === botId)?.name ?? botId}
            file={file}
            stored={stored}
            seats={around.seats}
            asksForCallbacks={around.botFacts.asksForCallbacks}
          />
        )}
        <StepButtons
          at={at}
          steps={STEPS.length}
          onStep={setAt}
          changed={changed}
          busy={busy}
          error={error}
          isNew={isNew}
          what="campaign"
        />
      </div>
    </KeptForm>
  );
}
