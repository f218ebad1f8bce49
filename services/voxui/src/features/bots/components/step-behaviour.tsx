import { Panel } from '@/components/card';
import { Fields } from '@/components/field';
import { AreaField, NumberField, SelectField, SwitchField, TextField } from '@/components/form-fields';

import { BUILTIN, type BotForm } from '../lib/form';

const BUILTIN_LABEL: Record<(typeof BUILTIN)[number], [string, string]> = {
  end_call: ['End the call', 'The bot may hang up after a goodbye.'],
  detected_voicemail: ['Recognise voicemail', 'The bot leaves its message and hangs up.'],
  transfer_call: ['Transfer the call', 'To one of the transfer targets.'],
  send_dtmf: ['Press keys', 'To get through the menu of another machine.'],
  collect_digits: ['Ask for digits', 'The customer types on the keypad.'],
};

export function StepBehaviour() {
  return (
    <div className="space-y-4">
      <Panel title="Whose turn it is" hint="When the bot takes its turn, and what makes it stop talking">
        <Fields columns={3}>
          <SelectField<BotForm>
            name="turn.mode"
            label="End of the customer’s turn"
            choices={[
              { value: 'smart_turn', label: 'By a model and the words' },
              { value: 'vad', label: 'By silence' },
              { value: 'stt', label: 'By the speech-to-text service' },
            ]}
          />
          <NumberField<BotForm>
            name="turn.stop_secs"
            label="Wait after an unfinished sentence"
            min={0.2}
            max={5}
            step={0.1}
            unit="s"
          />
          <NumberField<BotForm>
            name="min_words_interruption"
            label="Words that interrupt the bot"
            min={0}
            max={10}
            hint="0: any sound does"
          />
          <NumberField<BotForm> name="vad.confidence" label="Voice detection: confidence" min={0} max={1} step={0.05} />
          <NumberField<BotForm> name="vad.start_secs" label="Voice begins after" min={0} max={2} step={0.05} unit="s" />
          <NumberField<BotForm>
            name="vad.stop_secs"
            label="Voice ends after silence of"
            min={0.1}
            max={3}
            step={0.05}
            unit="s"
          />
        </Fields>
        <div className="mt-4 grid gap-3 sm:grid-cols-2">
          <SwitchField<BotForm> name="turn.allow_interruptions" label="The customer may interrupt" />
          <SwitchField<BotForm>
            name="turn.opening_guard"
            label="Protect the opening message"
            hint="Noise at the start does not cut it."
          />
        </div>
      </Panel>
      <Panel title="The call">
        <Fields>
          <NumberField<BotForm>
            name="max_call_duration_seconds"
            label="Longest call"
            min={10}
            max={7200}
            unit="seconds"
          />
          <div className="pt-6">
            <SwitchField<BotForm> name="recording_enabled" label="Record calls" hint="Two lanes: customer and bot." />
          </div>
          <AreaField<BotForm> name="voicemail_message" label="Message for a voicemail" rows={3} optional />
          <AreaField<BotForm> name="apology_message" label="Words when something breaks" rows={3} optional />
        </Fields>
      </Panel>
      <Panel title="What the bot may do by itself">
        <div className="space-y-4">
          {BUILTIN.map((name) => (
            <div key={name} className="grid gap-3 md:grid-cols-[1fr_1fr] md:items-center">
              <SwitchField<BotForm>
                name={`builtin_tools.${name}.enabled`}
                label={BUILTIN_LABEL[name][0]}
                hint={BUILTIN_LABEL[name][1]}
              />
              <TextField<BotForm>
                name={`builtin_tools.${name}.description`}
                label={`When to ${BUILTIN_LABEL[name][0].toLowerCase()}`}
                placeholder="Empty: Vox’s own words"
              />
            </div>
          ))}
        </div>
      </Panel>
    </div>
  );
}
