import { useState } from 'react';

import { Button } from '@/components/button';
import { Dialog } from '@/components/dialog';
import { showRefusals } from '@/components/form';
import { KeptForm, useKeptForm } from '@/components/kept-form';
import { Problem } from '@/components/states';
import { StepList } from '@/components/step-list';
import { StepButtons } from '@/components/wizard';
import type { Bot } from '@/generated';
import { ApiError } from '@/lib/api';

import { withoutSecrets } from '../lib/draft';
import { deserialize, type BotForm } from '../lib/form';
import { botResolver } from '../lib/resolver';
import { STEPS, stepOf } from '../lib/steps';
import { StepBehaviour } from './step-behaviour';
import { StepIdentity } from './step-identity';
import { StepInstructions } from './step-instructions';
import { StepPipeline } from './step-pipeline';
import { StepTools } from './step-tools';

interface WizardProps {
  /** The stored bot; an empty one when a new one is made. */
  bot: Bot;
  isNew: boolean;
  /** `revision`: the one that the changes began with; null saves over what somebody else changed meanwhile. Throws ApiError. */
  onSave: (form: BotForm, revision: number | null) => Promise<void>;
  onReload: () => void;
}

export function Wizard({ bot, isNew, onSave, onReload }: WizardProps) {
  const kept = useKeptForm<BotForm>({
    name: `bot_${bot.bot_id || 'new'}`,
    defaultValues: deserialize(bot),
    revision: bot.revision,
    withoutSecrets,
    resolver: botResolver,
    mode: 'onTouched',
  });
  const { form } = kept;
  const { isDirty, errors } = form.formState;
  const [at, setAt] = useState(0);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [conflict, setConflict] = useState(false);

  const save = async (overwrite: boolean) => {
    setError(null);
    setConflict(false);
    setBusy(true);
    try {
      await kept.saving(() => onSave(form.getValues(), overwrite ? null : (kept.revision ?? null)));
    } catch (caught) {
      if (caught instanceof ApiError && caught.code === 'revision_conflict') setConflict(true);
      else {
        setError(
          showRefusals(
            form,
            caught,
            STEPS.flatMap((step) => step.fields),
          ),
        );
        const refused = caught instanceof ApiError ? caught.fields.map((field) => String(field.loc[0])) : [];
        const first = stepOf(refused);
        if (first >= 0) setAt(first);
      }
    } finally {
      setBusy(false);
    }
  };
  const step = STEPS[at];
  const wrongSteps = STEPS.map((entry) => entry.fields.some((field) => errors[field] !== undefined));
  return (
    <>
      <KeptForm
        of={kept}
        onSubmit={() => save(false)}
        onRefused={(refused) => {
          const first = stepOf(Object.keys(refused));
          if (first >= 0) setAt(first);
        }}
        className="grid grid-cols-[minmax(0,1fr)] gap-6 lg:grid-cols-[13rem_minmax(0,1fr)]"
      >
        <StepList steps={STEPS} at={at} onStep={setAt} wrong={wrongSteps} isNew={isNew} />
        <div className="min-w-0 max-w-4xl space-y-4">
          {error !== null && <Problem error={error} title="The bot was not saved" />}
          {step?.key === 'identity' && <StepIdentity />}
          {step?.key === 'instructions' && <StepInstructions />}
          {step?.key === 'pipeline' && <StepPipeline bot={bot} />}
          {step?.key === 'behaviour' && <StepBehaviour />}
          {step?.key === 'tools' && <StepTools bot={bot} />}
          <StepButtons
            at={at}
            steps={STEPS.length}
            onStep={setAt}
            changed={isDirty}
            busy={busy}
            error={error}
            isNew={isNew}
            what="bot"
          />
        </div>
      </KeptForm>
      <Dialog
        open={conflict}
        onOpenChange={setConflict}
        title="Somebody else changed this bot"
        hint="It was saved after you opened it. Load that version and lose your changes, or save yours over it: fields that you did not touch stay as the other person left them."
      >
        <div className="flex flex-wrap justify-end gap-2">
          <Button
            onClick={() => {
              kept.throwAway();
              onReload();
            }}
          >
            Load their version
          </Button>
          <Button look="primary" onClick={() => void save(true)}>
            Save mine over it
          </Button>
        </div>
      </Dialog>
    </>
  );
}
