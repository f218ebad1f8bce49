import { useFormContext, useWatch } from 'react-hook-form';

import { Fields } from '@/components/field';
import { NumberField, SelectField, SwitchField } from '@/components/form-fields';
import { settingsUpdateDialler, type SettingsView } from '@/generated';

import { PRESETS, presetOf, rulesOf, STANDARD, type Preset, type Rule, type Screening } from '../lib/screening';
import { SectionForm } from './section-form';

const ACTIONS = [
  { value: 'teardown', label: 'Hang up' },
  { value: 'continue', label: 'Let the bot talk' },
];

export function DiallerSection({ settings }: { settings: SettingsView }) {
  const stored = settings.dialler?.amd ?? {};
  return (
    <SectionForm<Screening>
      title="Answering machines"
      hint="How campaigns tell a person from a machine"
      values={{
        enabled: false,
        action_on_machine: 'teardown',
        action_on_unknown: 'continue',
        ...STANDARD,
        ...stored,
      }}
      save={(values) =>
        settingsUpdateDialler({
          body: {
            ...values,
            action_on_machine: values.action_on_machine as 'teardown' | 'continue',
            action_on_unknown: values.action_on_unknown as 'teardown' | 'continue',
            revision: settings.revision ?? null,
          },
        })
      }
    >
      <SwitchField<Screening>
        name="enabled"
        label="Screen answered calls"
        hint="Costs up to the time below before the bot speaks."
      />
      <Presets />
      <SwitchField<Screening> name="beep_detection_enabled" label="Listen for the beep" />
      <Fields>
        <NumberField<Screening> name="total_analysis_ms" label="Decide within" min={250} max={5000} unit="ms" />
        <NumberField<Screening> name="max_words" label="Words a person says at most" min={1} max={20} />
        <NumberField<Screening>
          name="greeting_ms"
          label="A greeting this long is a machine"
          min={100}
          max={10000}
          unit="ms"
        />
        <NumberField<Screening>
          name="after_greeting_silence_ms"
          label="Silence after a person’s greeting"
          min={50}
          max={5000}
          unit="ms"
        />
        <NumberField<Screening>
          name="initial_silence_ms"
          label="Silence from the start is a machine after"
          min={100}
          max={10000}
          unit="ms"
        />
        <SelectField<Screening> name="action_on_machine" label="When a machine answers" choices={ACTIONS} />
        <SelectField<Screening> name="action_on_unknown" label="When it cannot be told" choices={ACTIONS} />
      </Fields>
      <Drawing />
    </SectionForm>
  );
}

/** Sets of values that belong together; each field can be changed afterwards. */
function Presets() {
  const { setValue } = useFormContext<Screening>();
  const values = useWatch<Screening>() as Screening;
  const chosen = presetOf(values);
  const choose = (preset: Preset) => {
    for (const key of Object.keys(preset) as (keyof Preset)[]) setValue(key, preset[key], { shouldDirty: true });
  };
  return (
    <fieldset>
      <legend className="mb-1.5 text-[0.8125rem] font-medium">Preset</legend>
      <div className="grid gap-2 sm:grid-cols-2">
        {PRESETS.map(({ name, hint, values: preset }) => (
          <button
            key={name}
            type="button"
            aria-pressed={chosen === name}
            onClick={() => {
              choose(preset);
            }}
            className="w-full rounded-lg border border-line px-3 py-2 text-left text-sm hover:bg-sunken aria-pressed:border-brand aria-pressed:bg-brand-soft"
          >
            <span className="block font-medium">{name}</span>
            <span className="block text-xs text-muted">{hint}</span>
          </button>
        ))}
      </div>
    </fieldset>
  );
}

/** When each kind of answer is judged: bars on one scale, which say the same in words. */
function Drawing() {
  const values = useWatch<Screening>() as Screening;
  const rules = rulesOf(values);
  return (
    <figure>
      <figcaption className="mb-2 text-[0.8125rem] font-medium">What is heard, and when it is judged</figcaption>
      <ol className="space-y-2">
        {rules.map((rule) => (
          <RuleBar key={rule.heard} rule={rule} wholeMs={values.total_analysis_ms} />
        ))}
      </ol>
      <p className="mt-2 text-xs text-muted">
        {values.beep_detection_enabled && 'A beep is a machine at once, whatever was heard before. '}
        So are more than {values.max_words} words.
      </p>
    </figure>
  );
}

const COLOUR = { Person: 'bg-ok', Machine: 'bg-warn', 'Not known': 'bg-muted' } as const;
const seconds = (ms: number) => `${(ms / 1_000).toLocaleString('en', { maximumFractionDigits: 2 })} s`;

function RuleBar({ rule, wholeMs }: { rule: Rule; wholeMs: number }) {
  return (
    <li className="grid gap-x-3 text-xs sm:grid-cols-[14rem_1fr_9rem] sm:items-center">
      <span>{rule.heard}</span>
      <span className="h-2.5 rounded-full bg-sunken" aria-hidden="true">
        {rule.atMs !== null && (
          <span
            className={`block h-full rounded-full ${COLOUR[rule.verdict]}`}
            style={{ width: `${((rule.atMs / wholeMs) * 100).toFixed(1)}%` }}
          />
        )}
      </span>
      <span className="num text-muted">
        {rule.atMs === null ? 'Never: the time is over' : `${rule.verdict} after ${seconds(rule.atMs)}`}
      </span>
    </li>
  );
}
