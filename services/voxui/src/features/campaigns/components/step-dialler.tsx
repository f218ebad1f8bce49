import { Controller, useFormContext, useWatch } from 'react-hook-form';

import { Panel } from '@/components/card';
import { Fields } from '@/components/field';
import { NumberField, SelectField, SwitchField, TagsField, TextField } from '@/components/form-fields';
import { Notice } from '@/components/states';

import type { CampaignForm } from '../lib/form';
import { DAYS, outcomeText, RETRYABLE } from '../lib/labels';

export function StepDialler() {
  const { control } = useFormContext<CampaignForm>();
  const [mode, tries] = useWatch({ control, name: ['config.campaign_mode', 'config.redial_rules.max_attempts'] });
  const many = mode === 'multi_day';
  return (
    <div className="space-y-4">
      <Panel title="Speed">
        <Fields>
          <NumberField<CampaignForm>
            name="config.concurrency_limit"
            label="Calls at a time"
            min={1}
            max={5000}
            hint="Conversations; the fleet and the carriers may allow fewer"
          />
          <SelectField<CampaignForm>
            name="config.pacing_mode"
            label="Pacing"
            hint="Reserved never abandons anybody; predictive dials more than it has free seats, and fills them better"
            choices={[
              { value: 'reserved', label: 'Reserved: a free seat for each dial' },
              { value: 'predictive', label: 'Predictive: dial ahead' },
            ]}
          />
        </Fields>
      </Panel>
      <Panel title="Hours" hint="Nobody is dialled outside of them, nor outside the bot’s active hours">
        <Fields columns={3}>
          <TextField<CampaignForm> name="config.time_window.start" label="From" type="time" />
          <TextField<CampaignForm>
            name="config.time_window.end"
            label="To"
            type="time"
            hint="Earlier than From: over midnight; the same: all day"
          />
          <TextField<CampaignForm> name="config.time_window.timezone" label="Time zone" list="campaign-zones" />
          <datalist id="campaign-zones">
            {Intl.supportedValuesOf('timeZone').map((zone) => (
              <option key={zone} value={zone} />
            ))}
          </datalist>
        </Fields>
        <div className="mt-4">
          <Days />
        </div>
        <Fields className="mt-4">
          <SelectField<CampaignForm>
            name="config.campaign_mode"
            label="Length"
            choices={[
              { value: 'single_day', label: 'One window, then it ends' },
              { value: 'multi_day', label: 'As many days as it takes' },
            ]}
          />
          {many ? (
            <div className="space-y-3">
              <SwitchField<CampaignForm>
                name="config.time_window.use_callee_timezone"
                label="Hours of the person called"
                hint="By the country of the number, where it has one zone"
              />
              <SwitchField<CampaignForm>
                name="config.always_on"
                label="Always on"
                hint="Never ends by itself; contacts come by API"
              />
            </div>
          ) : (
            <Notice>The hours of the person called, and always on, need a campaign of many days.</Notice>
          )}
        </Fields>
      </Panel>
      <Panel title="Trying again">
        <Fields>
          <NumberField<CampaignForm>
            name="config.redial_rules.max_attempts"
            label="Tries for each contact"
            min={1}
            max={10}
          />
          <NumberField<CampaignForm>
            name="config.redial_rules.retry_delay_minutes"
            label="Minutes between tries"
            min={1}
            max={10080}
          />
        </Fields>
        {tries > 1 && (
          <div className="mt-4 space-y-4">
            <Choices
              name="config.redial_rules.retry_on_system"
              legend="Try again after"
              choices={RETRYABLE.map((outcome) => [outcome, outcomeText(outcome)])}
            />
            <TagsField<CampaignForm>
              name="config.redial_rules.retry_on_custom"
              label="And after these dispositions"
              optional
              hint="As the bot writes them, upper or lower case; Enter adds one"
            />
          </div>
        )}
      </Panel>
      <Panel title="In the call">
        <Fields>
          <SelectField<CampaignForm>
            name="config.amd"
            label="Answering machines"
            hint="Screening listens first, and hangs up on a machine"
            choices={[
              { value: 'deployment', label: 'As the deployment is set' },
              { value: 'on', label: 'Screen every call' },
              { value: 'off', label: 'Do not screen' },
            ]}
          />
          <SwitchField<CampaignForm>
            name="config.callback_detection.enabled"
            label="Callbacks"
            hint="Who asks to be called later is called then; the bot must ask for it too"
          />
        </Fields>
      </Panel>
    </div>
  );
}

const Days = () => (
  <Choices name="config.time_window.days" legend="Days" choices={DAYS.map(([day, label]) => [day, label])} />
);

interface ChoicesProps {
  name: 'config.time_window.days' | 'config.redial_rules.retry_on_system';
  legend: string;
  choices: [string, string][];
}

/** Several of a few; they keep the order of the choices. */
function Choices({ name, legend, choices }: ChoicesProps) {
  const { control } = useFormContext<CampaignForm>();
  return (
    <Controller
      control={control}
      name={name}
      render={({ field, fieldState }) => {
        const chosen: readonly string[] = field.value;
        return (
          <fieldset>
            <legend className="mb-1 text-[0.8125rem] font-medium">{legend}</legend>
            <div className="flex flex-wrap gap-x-4 gap-y-2">
              {choices.map(([value, label]) => (
                <label key={value} className="flex items-center gap-1.5 text-sm">
                  <input
                    type="checkbox"
                    checked={chosen.includes(value)}
                    onChange={(event) => {
                      const on = event.target.checked;
                      field.onChange(
                        choices.map(([key]) => key).filter((key) => (key === value ? on : chosen.includes(key))),
                      );
                    }}
                  />
                  {label}
                </label>
              ))}
            </div>
            {fieldState.error && <p className="mt-1 text-xs font-medium text-bad">{fieldState.error.message}</p>}
          </fieldset>
        );
      }}
    />
  );
}
