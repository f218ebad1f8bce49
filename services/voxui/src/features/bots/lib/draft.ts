/** An unsaved bot; its secrets are left out. */
import * as drafts from '@/lib/draft';

import type { BotForm } from './form';

const nameOf = (id: string) => `bot_${id || 'new'}`;

export interface Draft {
  form: BotForm;
  revision: number;
}

export const readDraft = (id: string) => drafts.readDraft<Draft>(nameOf(id));

const SECRET = /key|token|secret|auth|password|cookie/i;

export function keepDraft(id: string, draft: Draft) {
  const form = structuredClone(draft.form);
  for (const stage of ['stt', 'llm', 'tts'] as const) form[stage].api_key = '';
  form.post_call_push.secret = '';
  const holders = [form.crm_prefetch, form.post_call_push, ...form.custom_tools];
  for (const holder of holders) {
    holder.headers = holder.headers.map((pair) => (SECRET.test(pair.key) ? { ...pair, value: '' } : pair));
  }
  drafts.keepDraft(nameOf(id), { ...draft, form });
}

export const dropDraft = (id: string) => {
  drafts.dropDraft(nameOf(id));
};
