/** Secrets of a bot that stand in no field for secrets: they are not kept in the tab. */
import type { BotForm } from './form';

const SECRET = /key|token|secret|auth|password|cookie/i;

const safe = <T extends { headers: { key: string; value: string }[] }>(holder: T): T => ({
  ...holder,
  headers: holder.headers.map((pair) => (SECRET.test(pair.key) ? { ...pair, value: '' } : pair)),
});

export const withoutSecrets = (form: BotForm): BotForm => ({
  ...form,
  crm_prefetch: safe(form.crm_prefetch),
  post_call_push: safe(form.post_call_push),
  custom_tools: form.custom_tools.map(safe),
});
