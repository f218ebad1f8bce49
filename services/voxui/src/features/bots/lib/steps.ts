import type { BotForm } from './form';

export interface Step {
  key: string;
  label: string;
  fields: (keyof BotForm)[];
}

/** The steps of the wizard and the fields that each holds: an error is shown at the first step that has one. */
export const STEPS: Step[] = [
  {
    key: 'identity',
    label: 'Identity',
    fields: ['name', 'is_active', 'opening_message', 'timezone', 'active_hours', 're_engagement'],
  },
  {
    key: 'instructions',
    label: 'Instructions',
    fields: [
      'system_prompt',
      'dynamic_prompt',
      'post_call_analysis_prompt',
      'qc_prompt',
      'auto_dispositions',
      'callback_prompt_injection',
    ],
  },
  { key: 'pipeline', label: 'Voice pipeline', fields: ['stt', 'llm', 'tts'] },
  {
    key: 'behaviour',
    label: 'Behaviour',
    fields: [
      'vad',
      'turn',
      'min_words_interruption',
      'max_call_duration_seconds',
      'recording_enabled',
      'builtin_tools',
      'voicemail_message',
      'apology_message',
    ],
  },
  {
    key: 'tools',
    label: 'Tools and integrations',
    fields: ['custom_tools', 'transfer_targets', 'pre_transfer_message', 'crm_prefetch', 'post_call_push'],
  },
];

/** Position of the first step that holds one of these fields; -1 when none does. */
export const stepOf = (fields: string[]) =>
  STEPS.findIndex((step) => step.fields.some((field) => fields.includes(field)));
