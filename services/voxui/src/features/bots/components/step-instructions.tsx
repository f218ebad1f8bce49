import { Panel } from '@/components/card';
import { SwitchField, TextField } from '@/components/form-fields';

import { OUTCOMES, type BotForm } from '../lib/form';
import { PromptField } from './prompt-field';

const OUTCOME_LABEL: Record<(typeof OUTCOMES)[number], string> = {
  rnr: 'No reaction',
  voicemail: 'Voicemail',
  timeout: 'Longest call reached',
  error: 'Error',
  no_customer_message: 'Customer said nothing',
  short_call: 'Too short to analyse',
};

export function StepInstructions() {
  return (
    <div className="space-y-4">
      <Panel title="In the call" hint="What the language model reads before it answers">
        <div className="space-y-6">
          <PromptField
            name="system_prompt"
            label="System prompt"
            rows={14}
            placeholder={'You are the telephone assistant of …\n\nWhat you can do\n- …\n\nRules\n- …'}
            hint="The part that is the same in every call: who the bot is, what it knows, what it may do."
          />
          <PromptField
            name="dynamic_prompt"
            label="Dynamic prompt"
            rows={5}
            placeholder={'Today is {{system.current_date}}. The customer calls from {{call.caller_id}}.'}
            hint="The part of this call: date, number, customer data."
          />
        </div>
      </Panel>
      <Panel title="After the call" hint="Each prompt reads the transcript and answers with JSON">
        <div className="space-y-6">
          <PromptField
            name="post_call_analysis_prompt"
            label="Analysis prompt (optional)"
            hint="Gives the outcome of the call: DISPOSITION, SUB_DISPOSITION, CALLING_REMARKS, and what else you want to know."
          />
          <PromptField
            name="qc_prompt"
            label="Quality prompt (optional)"
            hint="Gives scores from 0 to 10 and remarks."
          />
          <SwitchField<BotForm>
            name="callback_prompt_injection"
            label="Notice wishes to be called back"
            hint="The analysis also looks for a day and a time."
          />
        </div>
      </Panel>
      <Panel title="Fixed outcomes" hint="For calls that need no analysis. Empty: the analysis decides.">
        <div className="space-y-3">
          {OUTCOMES.map((name) => (
            <div key={name} className="grid gap-3 sm:grid-cols-[10rem_1fr_1fr] sm:items-end">
              <p className="text-[0.8125rem] font-medium sm:pb-2">{OUTCOME_LABEL[name]}</p>
              <TextField<BotForm> name={`auto_dispositions.${name}.DISPOSITION`} label="Outcome" />
              <TextField<BotForm> name={`auto_dispositions.${name}.SUB_DISPOSITION`} label="Detail" />
            </div>
          ))}
        </div>
      </Panel>
    </div>
  );
}
