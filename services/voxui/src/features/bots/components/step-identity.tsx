import { Controller, useFieldArray, useFormContext, useWatch } from 'react-hook-form';

import { Button, IconButton } from '@/components/button';
import { Panel } from '@/components/card';
import { Fields, Input } from '@/components/field';
import { AreaField, NumberField, SwitchField, TextField } from '@/components/form-fields';
import { Notice } from '@/components/states';

import type { BotForm } from '../lib/form';

const DAYS = [
  ['mon', 'Mon'],
  ['tue', 'Tue'],
  ['wed', 'Wed'],
  ['thu', 'Thu'],
  ['fri', 'Fri'],
  ['sat', 'Sat'],
  ['sun', 'Sun'],
] as const;

export function StepIdentity() {
  const opening = useWatch<BotForm, 'opening_message'>({ name: 'opening_message' });
  const hours = useWatch<BotForm, 'active_hours.enabled'>({ name: 'active_hours.enabled' });
  const silence = useWatch<BotForm, 're_engagement.enabled'>({ name: 're_engagement.enabled' });
  return (
    <div className="space-y-4">
      <Panel title="Who it is">
        <div className="space-y-4">
          <Fields>
            <TextField<BotForm> name="name" label="Name" placeholder="Front desk" />
            <TextField<BotForm>
              name="timezone"
              label="Time zone"
              list="zones"
              hint="For times that the bot says, and for active hours"
            />
          </Fields>
          <datalist id="zones">
            {Intl.supportedValuesOf('timeZone').map((zone) => (
              <option key={zone} value={zone} />
            ))}
          </datalist>
          <AreaField<BotForm>
            name="opening_message"
            label="Opening message"
            rows={3}
            placeholder="Hello, this is Front Desk. How can I help you?"
            hint="The first thing the bot says. Empty: it waits for the customer. May hold {{ tokens }}."
          />
          {opening.trim() === '' && (
            <Notice tone="warn">
              Without an opening message the bot says nothing before the customer does: whoever is called hears silence.
            </Notice>
          )}
          <SwitchField<BotForm> name="is_active" label="Active" hint="An inactive bot answers no call." />
        </div>
      </Panel>
      <Panel title="Active hours">
        <div className="space-y-4">
          <SwitchField<BotForm>
            name="active_hours.enabled"
            label="Answer only at certain hours"
            hint="In the time zone above. Outside, calls end at once."
          />
          {hours && <Hours />}
        </div>
      </Panel>
      <Panel title="When the customer is silent">
        <div className="space-y-4">
          <SwitchField<BotForm> name="re_engagement.enabled" label="Ask whether somebody is still there" />
          {silence && <Silence />}
        </div>
      </Panel>
    </div>
  );
}

function Hours() {
  const { control, formState } = useFormContext<BotForm>();
  const error = formState.errors.active_hours?.days?.message;
  return (
    <div className="flex flex-wrap items-end gap-4">
      <Controller
        control={control}
        name="active_hours.days"
        render={({ field }) => (
          <fieldset>
            <legend className="mb-1 text-[0.8125rem] font-medium">Days</legend>
            <div className="flex flex-wrap gap-1">
              {DAYS.map(([day, label]) => (
                <label
                  key={day}
                  className="cursor-pointer rounded-lg border border-line-strong/60 px-2.5 py-1.5 text-[0.8125rem] has-checked:border-brand has-checked:bg-brand-soft has-checked:font-medium has-checked:text-brand-text has-focus-visible:outline-2"
                >
                  <input
                    type="checkbox"
                    className="sr-only"
                    checked={field.value.includes(day)}
                    onChange={(event) => {
                      const chosen = new Set(field.value);
                      if (event.target.checked) chosen.add(day);
                      else chosen.delete(day);
                      field.onChange(DAYS.map(([key]) => key).filter((key) => chosen.has(key)));
                    }}
                  />
                  {label}
                </label>
              ))}
            </div>
            {error && <p className="mt-1 text-xs font-medium text-bad">{error}</p>}
          </fieldset>
        )}
      />
      <TextField<BotForm> name="active_hours.start_time" label="From" type="time" />
      <TextField<BotForm> name="active_hours.end_time" label="To" type="time" />
    </div>
  );
}

function Silence() {
  const { control, register, formState } = useFormContext<BotForm>();
  const list = useFieldArray({ control, name: 're_engagement.messages' });
  const error = formState.errors.re_engagement?.messages?.[0]?.text?.message;
  return (
    <>
      <div className="max-w-xs">
        <NumberField<BotForm>
          name="re_engagement.timeout_seconds"
          label="After silence of"
          min={3}
          max={60}
          step={0.5}
          unit="seconds"
        />
      </div>
      <fieldset>
        <legend className="mb-1 text-[0.8125rem] font-medium">Messages, one after another</legend>
        <div className="space-y-2">
          {list.fields.map((field, at) => (
            <div key={field.id} className="flex gap-2">
              <Input
                aria-label={`Message ${at + 1}`}
                aria-invalid={at === 0 && error ? true : undefined}
                {...register(`re_engagement.messages.${at}.text`)}
              />
              <IconButton
                icon="close"
                label={`Remove message ${at + 1}`}
                disabled={list.fields.length === 1}
                onClick={() => {
                  list.remove(at);
                }}
              />
            </div>
          ))}
        </div>
        {error && <p className="mt-1 text-xs font-medium text-bad">{error}</p>}
        <Button
          small
          icon="plus"
          className="mt-2"
          onClick={() => {
            list.append({ text: '' });
          }}
        >
          Add a message
        </Button>
      </fieldset>
      <TextField<BotForm> name="re_engagement.final_message" label="Last words before hanging up" optional />
    </>
  );
}
