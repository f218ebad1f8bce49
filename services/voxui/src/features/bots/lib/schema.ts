/** What can be said about a bot before it is sent; the server judges the rest. */
import { z } from 'zod';

const json = (text: string) => {
  if (text.trim() === '') return true;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
};
const extra = z.string().refine(json, 'Write a JSON object, for example {"stream": true}');
const baseUrl = z
  .string()
  .refine((url) => url === '' || /^https?:\/\//.test(url), 'An address begins with http:// or https://');
const stage = z.looseObject({ provider: z.string(), extra, base_url: baseUrl });

const http = z
  .looseObject({ enabled: z.boolean(), url: z.string() })
  .refine((part) => !part.enabled || part.url.trim() !== '', { path: ['url'], message: 'Needed when this is on' });

export const botSchema = z.looseObject({
  name: z.string().trim().min(1, 'Give the bot a name').max(120, 'At most 120 characters'),
  opening_message: z.string().max(2_000, 'At most 2,000 characters'),
  system_prompt: z
    .string()
    .trim()
    .min(1, 'Tell the bot who it is and what to do')
    .max(60_000, 'At most 60,000 characters'),
  dynamic_prompt: z.string().max(60_000, 'At most 60,000 characters'),
  timezone: z.string().min(1, 'Choose a time zone'),
  active_hours: z
    .looseObject({ enabled: z.boolean(), days: z.array(z.string()) })
    .refine((hours) => !hours.enabled || hours.days.length > 0, { path: ['days'], message: 'Choose at least one day' }),
  re_engagement: z
    .looseObject({ enabled: z.boolean(), messages: z.array(z.object({ text: z.string() })) })
    .refine((re) => !re.enabled || re.messages.some((line) => line.text.trim() !== ''), {
      path: ['messages', 0, 'text'],
      message: 'Needs at least one message',
    }),
  stt: stage,
  llm: stage,
  tts: stage,
  custom_tools: z.array(
    z
      .looseObject({ name: z.string().min(1, 'Give the tool a name'), has_api: z.boolean(), url: z.string() })
      .refine((tool) => !tool.has_api || /^https?:\/\//.test(tool.url), {
        path: ['url'],
        message: 'An address that begins with http:// or https://',
      }),
  ),
  transfer_targets: z.array(z.looseObject({ id: z.string().min(1, 'Needed'), value: z.string().min(1, 'Needed') })),
  crm_prefetch: http,
  post_call_push: http,
});
