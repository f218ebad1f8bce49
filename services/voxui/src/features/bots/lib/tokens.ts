/** `{{ tokens }}` of a bot's texts: which there are, and who fills them. */

import type { Bot } from '@/generated';

const TOKEN = /\{\{\s*([\p{L}\p{N}_.-](?:[\p{L}\p{N}_. -]*[\p{L}\p{N}_.-])?)\s*\}\}/gu;

export const SYSTEM = ['current_date', 'current_time', 'current_datetime', 'current_day', 'timezone'];
/** Fields that every call has. */
export const CALL = ['caller_id', 'stream_id', 'session_id', 'direction'];

export function tokensIn(...texts: string[]): string[] {
  const found = new Set<string>();
  for (const text of texts) for (const match of text.matchAll(TOKEN)) found.add(match[1] ?? '');
  return [...found].sort();
}

export type Source = 'system' | 'call' | 'crm' | 'caller' | 'never';

/** Who fills a token in a live call: the system, the call itself, a CRM answer, whoever starts the call, or nobody. */
export function sourceOf(token: string): Source {
  const [space, ...rest] = token.split('.');
  const name = rest.join('.');
  if (space === 'system') return SYSTEM.includes(name) ? 'system' : 'never';
  if (space === 'call') return CALL.includes(name) ? 'call' : 'caller';
  if (space === 'crm') return 'crm';
  if (space === 'result' || space === 'analysis' || space === 'qc') return 'never';
  if (SYSTEM.includes(token)) return 'system';
  return CALL.includes(token) ? 'call' : 'caller';
}

/** Names that a test call should fill, without their namespace. */
export const variablesFor = (...texts: string[]) => [
  ...new Set(
    tokensIn(...texts)
      .filter((token) => sourceOf(token) === 'caller')
      .map((token) => token.replace(/^call\./, '')),
  ),
];

/** Names that a bot's texts ask for. */
export const variablesOf = (bot: Pick<Bot, 'opening_message' | 'system_prompt' | 'dynamic_prompt'>) =>
  variablesFor(bot.opening_message, bot.system_prompt, bot.dynamic_prompt ?? '');
