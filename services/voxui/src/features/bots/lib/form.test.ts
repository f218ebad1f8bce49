import { describe, expect, it } from 'vitest';

import type { Bot } from '@/generated';

import { withoutSecrets } from './draft';
import { deserialize, EMPTY, serialize } from './form';
import { botSchema } from './schema';
import { STEPS, stepOf } from './steps';
import { sourceOf, tokensIn, variablesFor } from './tokens';

const BOT: Bot = {
  ...EMPTY,
  bot_id: 'demo',
  name: 'Front desk',
  opening_message: 'Hello {{customer_name}}',
  system_prompt: 'Be kind.',
  revision: 3,
  builtin_tools: { end_call: { enabled: true, description: 'After a goodbye.' } },
  stt: { provider: 'deepgram', model: 'nova-3', language: 'en', api_key: 'abcd...wxyz', extra: { smart: true }, fallbacks: [] },
  re_engagement: { enabled: true, messages: ['Still there?'], timeout_seconds: 8, max_attempts: null, final_message: '' },
  custom_tools: [
    { name: 'check', has_api: true, method: 'POST', url: 'https://a.example/x', headers: { 'X-Key': 'abcd...wxyz' }, body_template: '{"a":1}',
      parameters: [{ name: 'kind', type: 'integer', required: true, enum: [1, 2] }] },
  ],
  auto_dispositions: { rnr: { DISPOSITION: 'No answer' } },
  crm_prefetch: { enabled: true, url: 'https://crm.example/c', params: { id: '{{call.caller_id}}' } },
}; // prettier-ignore

describe('the form of a bot', () => {
  it('changes nothing by itself', () => {
    expect(serialize(deserialize(BOT), BOT)).toEqual({});
  });

  it('of a new bot says what the bot may do, for the API begins with nothing', () => {
    const sent = serialize(deserialize(EMPTY), EMPTY);
    expect(Object.keys(sent)).toEqual(['builtin_tools']);
    expect(sent.builtin_tools?.end_call?.enabled).toBe(true);
  });

  it('sends only the fields that changed', () => {
    expect(serialize({ ...deserialize(BOT), name: 'Back office' }, BOT)).toEqual({ name: 'Back office' });
  });

  it('never sends a mask of a key: empty keeps, null removes, text replaces', () => {
    const form = deserialize(BOT);
    const stage = (api_key: string | null) =>
      serialize({ ...form, stt: { ...form.stt, model: 'nova-2', api_key } }, BOT).stt;
    expect(stage('')).toMatchObject({ model: 'nova-2', api_key: '', extra: { smart: true } });
    expect(stage(null)).toMatchObject({ api_key: null });
    expect(stage('new key')).toMatchObject({ api_key: 'new key' });
  });

  it('switches re-engagement off with null', () => {
    const form = deserialize(BOT);
    expect(serialize({ ...form, re_engagement: { ...form.re_engagement, enabled: false } }, BOT)).toEqual({
      re_engagement: null,
    });
  });

  it('keeps numbers of a list of allowed values numbers', () => {
    const form = deserialize(BOT);
    const changed = { ...form, custom_tools: [{ ...form.custom_tools[0]!, description: 'new' }] };
    expect(serialize(changed, BOT).custom_tools?.[0]?.parameters?.[0]?.enum).toEqual([1, 2]);
  });

  it('has every checked field in some step', () => {
    for (const field of Object.keys(botSchema.shape)) expect(stepOf([field])).toBeGreaterThanOrEqual(0);
    const all = STEPS.flatMap((step) => step.fields);
    expect([...all].sort()).toEqual(Object.keys(deserialize(EMPTY)).sort());
  });

  it('says what is missing', () => {
    const result = botSchema.safeParse({ ...deserialize(EMPTY), stt: { ...deserialize(EMPTY).stt, extra: '[1]' } });
    expect(result.error?.issues.map((issue) => issue.path.join('.')).sort()).toEqual([
      'name',
      'stt.extra',
      'system_prompt',
    ]);
  });

  it('keeps no header that holds a secret', () => {
    const form = deserialize(BOT);
    form.custom_tools[0]!.headers = [
      { key: 'X-Key', value: 'planted' },
      { key: 'Accept', value: 'text/plain' },
    ];
    expect(withoutSecrets(form).custom_tools[0]!.headers).toEqual([
      { key: 'X-Key', value: '' },
      { key: 'Accept', value: 'text/plain' },
    ]);
    expect(form.custom_tools[0]!.headers[0]!.value).toBe('planted');
  });
});

describe('tokens of a prompt', () => {
  it('are found once, trimmed, in order', () => {
    expect(tokensIn('{{ b }} {{a.x}} {{b}} {{}} { {c}}')).toEqual(['a.x', 'b']);
  });

  it.each([
    ['system.current_date', 'system'],
    ['system.weather', 'never'],
    ['call.caller_id', 'call'],
    ['crm.name', 'crm'],
    ['analysis.DISPOSITION', 'never'],
    ['customer_name', 'caller'],
  ])('%s is filled by: %s', (token, source) => {
    expect(sourceOf(token)).toBe(source);
  });

  it('that the caller fills are asked for in a test call', () => {
    expect(variablesFor('{{customer_name}} {{call.city}} {{system.timezone}}')).toEqual(['city', 'customer_name']);
  });
});
