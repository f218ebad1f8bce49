/** An unsaved form, kept until it is saved or thrown away; secrets are left out. */
import type { BotForm } from './form';

const keyOf = (id: string) => `vox_draft_bot_${id || 'new'}`;

export interface Draft {
  form: BotForm;
  revision: number;
}

export function readDraft(id: string): Draft | null {
  try {
    const kept = sessionStorage.getItem(keyOf(id));
    return kept ? (JSON.parse(kept) as Draft) : null;
  } catch {
    return null;
  }
}

const SECRET = /key|token|secret|auth|password|cookie/i;

export function keepDraft(id: string, draft: Draft) {
  const form = structuredClone(draft.form);
  for (const stage of ['stt', 'llm', 'tts'] as const) form[stage].api_key = '';
  form.post_call_push.secret = '';
  const holders = [form.crm_prefetch, form.post_call_push, ...form.custom_tools];
  for (const holder of holders) {
    holder.headers = holder.headers.map((pair) => (SECRET.test(pair.key) ? { ...pair, value: '' } : pair));
  }
  try {
    sessionStorage.setItem(keyOf(id), JSON.stringify({ ...draft, form }));
  } catch {
    // Storage is full or blocked: leaving the page still warns.
  }
}

export function dropDraft(id: string) {
  try {
    sessionStorage.removeItem(keyOf(id));
  } catch {
    // As above.
  }
}
