/** The form of a bot: what the wizard edits, and its way from and to the API. `serialize(deserialize(bot))` changes nothing. */
import type { Bot, BotUpdate, CustomTool } from '@/generated';

export interface Pair {
  key: string;
  value: string;
}

export interface StageForm {
  provider: string;
  model: string;
  language: string;
  voice: string;
  speed: number;
  temperature: number;
  max_tokens: number;
  base_url: string;
  /** "" keeps the stored key, null removes it. */
  api_key: string | null;
  /** JSON text. */
  extra: string;
}

export interface ToolForm {
  name: string;
  description: string;
  has_api: boolean;
  method: 'GET' | 'POST';
  url: string;
  timing: NonNullable<CustomTool['timing']>;
  hold_message_intent: string;
  timeout_seconds: number;
  headers: Pair[];
  query_params: Pair[];
  body_template: string;
  guidance: { success: string; failure: string; timeout: string; missing_info: string };
  parameters: {
    name: string;
    type: 'string' | 'number' | 'integer' | 'boolean';
    description: string;
    required: boolean;
    enum: string;
  }[];
}

export interface HttpForm {
  enabled: boolean;
  url: string;
  method: string;
  headers: Pair[];
  pairs: Pair[];
  mapping: Pair[];
  body: string;
  timeout_seconds: number;
  secret: string | null;
}

export const STAGE_KEYS = ['stt', 'llm', 'tts'] as const;
export type StageKey = (typeof STAGE_KEYS)[number];
export const OUTCOMES = ['rnr', 'voicemail', 'timeout', 'error', 'no_customer_message', 'short_call'] as const;
export const BUILTIN = ['end_call', 'detected_voicemail', 'transfer_call', 'send_dtmf', 'collect_digits'] as const;

export interface BotForm {
  name: string;
  is_active: boolean;
  opening_message: string;
  system_prompt: string;
  dynamic_prompt: string;
  timezone: string;
  active_hours: { enabled: boolean; days: string[]; start_time: string; end_time: string };
  re_engagement: {
    enabled: boolean;
    timeout_seconds: number;
    messages: { text: string }[];
    max_attempts: number | null;
    final_message: string;
  };
  stt: StageForm;
  llm: StageForm;
  tts: StageForm;
  vad: { confidence: number; start_secs: number; stop_secs: number; min_volume: number };
  turn: Required<NonNullable<Bot['turn']>>;
  min_words_interruption: number;
  max_call_duration_seconds: number;
  recording_enabled: boolean;
  callback_prompt_injection: boolean;
  voicemail_message: string;
  pre_transfer_message: string;
  apology_message: string;
  builtin_tools: Record<(typeof BUILTIN)[number], { enabled: boolean; description: string }>;
  transfer_targets: {
    id: string;
    label: string;
    method: string;
    type: string;
    value: string;
    is_default: boolean;
    enabled: boolean;
  }[];
  custom_tools: ToolForm[];
  post_call_analysis_prompt: string;
  qc_prompt: string;
  auto_dispositions: Record<
    (typeof OUTCOMES)[number],
    { DISPOSITION: string; SUB_DISPOSITION: string; CALLING_REMARKS: string }
  >;
  crm_prefetch: HttpForm;
  post_call_push: HttpForm;
}

const pairs = (dict: Record<string, unknown> | undefined): Pair[] =>
  Object.entries(dict ?? {}).map(([key, value]) => ({ key, value: String(value ?? '') }));
const dict = (list: Pair[]): Record<string, string> =>
  Object.fromEntries(list.filter((pair) => pair.key.trim() !== '').map((pair) => [pair.key.trim(), pair.value]));

function stageForm(stage: Record<string, unknown> | undefined, model: string): StageForm {
  const read = <T>(key: string, fallback: T) => (stage?.[key] ?? fallback) as T;
  const extra = read<Record<string, unknown>>('extra', {});
  return {
    provider: read('provider', 'openai_compatible'),
    model: read('model', model),
    language: read('language', 'en'),
    voice: read('voice', ''),
    speed: read('speed', 1),
    temperature: read('temperature', 0.7),
    max_tokens: read('max_tokens', 256),
    base_url: read('base_url', ''),
    api_key: '', // the mask stays on the screen; what is written here replaces
    extra: Object.keys(extra).length > 0 ? JSON.stringify(extra, null, 2) : '',
  };
}

function toolForm(tool: CustomTool): ToolForm {
  return {
    name: tool.name,
    description: tool.description ?? '',
    has_api: tool.has_api ?? true,
    method: tool.method ?? 'GET',
    url: tool.url ?? '',
    timing: tool.timing ?? 'immediate',
    hold_message_intent: tool.hold_message_intent ?? '',
    timeout_seconds: tool.timeout_seconds ?? 8,
    headers: pairs(tool.headers),
    query_params: pairs(tool.query_params),
    body_template: tool.body_template ?? '',
    guidance: { success: '', failure: '', timeout: '', missing_info: '', ...tool.guidance },
    parameters: (tool.parameters ?? []).map((parameter) => ({
      name: parameter.name,
      type: parameter.type ?? 'string',
      description: parameter.description ?? '',
      required: parameter.required ?? false,
      enum: (parameter.enum ?? []).join(', '),
    })),
  };
}

/** An empty bot, with the defaults of the API. */
export const EMPTY: Bot = {
  bot_id: '', name: '', opening_message: '', system_prompt: '', revision: 0, locked: false, warnings: [],
  widget_api_key: '', created_by: null, created_at: '', updated_by: null, updated_at: '',
}; // prettier-ignore

export function deserialize(bot: Bot): BotForm {
  const crm = bot.crm_prefetch;
  const push = bot.post_call_push;
  return {
    name: bot.name,
    is_active: bot.is_active ?? true,
    opening_message: bot.opening_message,
    system_prompt: bot.system_prompt,
    dynamic_prompt: bot.dynamic_prompt ?? '',
    timezone: bot.timezone ?? 'UTC',
    active_hours: {
      enabled: bot.active_hours?.enabled ?? false,
      days: bot.active_hours?.days ?? ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'],
      start_time: bot.active_hours?.start_time ?? '09:00',
      end_time: bot.active_hours?.end_time ?? '18:00',
    },
    re_engagement: {
      enabled: bot.re_engagement ? (bot.re_engagement.enabled ?? true) : false,
      timeout_seconds: bot.re_engagement?.timeout_seconds ?? 10,
      messages: (bot.re_engagement?.messages ?? ['Are you still there?']).map((text) => ({ text })),
      max_attempts: bot.re_engagement?.max_attempts ?? null,
      final_message: bot.re_engagement?.final_message ?? '',
    },
    stt: stageForm(bot.stt, 'whisper-1'),
    llm: stageForm(bot.llm, 'default'),
    tts: stageForm(bot.tts ?? { voice: 'default' }, 'tts-1'),
    vad: { confidence: 0.7, start_secs: 0.2, stop_secs: 0.4, min_volume: 0, ...bot.vad },
    turn: {
      mode: 'smart_turn', stop_secs: 1.2, vad_stop_secs: 0.8, transcript_wait_ms: 700, allow_interruptions: true,
      opening_guard: true, opening_guard_max_seconds: 8, high_intent_phrases: null, backchannel_phrases: null, ...bot.turn,
    }, // prettier-ignore
    min_words_interruption: bot.min_words_interruption ?? 3,
    max_call_duration_seconds: bot.max_call_duration_seconds ?? 600,
    recording_enabled: bot.recording_enabled ?? true,
    callback_prompt_injection: bot.callback_prompt_injection ?? false,
    voicemail_message: bot.voicemail_message ?? '',
    pre_transfer_message: bot.pre_transfer_message ?? '',
    apology_message: bot.apology_message ?? '',
    builtin_tools: Object.fromEntries(
      BUILTIN.map((name) => {
        const tool = bot.builtin_tools?.[name];
        // A fresh bot can end a call; null means "on when there is a target".
        const fallback = name === 'end_call' && !bot.builtin_tools;
        const auto =
          name === 'transfer_call' && (bot.transfer_targets ?? []).some((target) => target.enabled !== false);
        return [name, { enabled: tool?.enabled ?? (fallback || auto), description: tool?.description ?? '' }];
      }),
    ) as BotForm['builtin_tools'],
    transfer_targets: (bot.transfer_targets ?? []).map((target) => ({
      id: target.id, label: target.label ?? '', method: target.method, type: target.type, value: target.value,
      is_default: target.is_default ?? false, enabled: target.enabled ?? true,
    })), // prettier-ignore
    custom_tools: (bot.custom_tools ?? []).map(toolForm),
    post_call_analysis_prompt: bot.post_call_analysis_prompt ?? '',
    qc_prompt: bot.qc_prompt ?? '',
    auto_dispositions: Object.fromEntries(
      OUTCOMES.map((name) => [
        name,
        { DISPOSITION: '', SUB_DISPOSITION: '', CALLING_REMARKS: '', ...bot.auto_dispositions?.[name] },
      ]),
    ) as BotForm['auto_dispositions'],
    crm_prefetch: {
      enabled: crm?.enabled ?? false, url: crm?.url ?? '', method: crm?.method ?? 'GET', headers: pairs(crm?.headers),
      pairs: pairs(crm?.params), mapping: pairs(crm?.response_mapping), body: crm?.body ?? '',
      timeout_seconds: crm?.timeout_seconds ?? 3, secret: '',
    }, // prettier-ignore
    post_call_push: {
      enabled: push?.enabled ?? false, url: push?.url ?? '', method: push?.method ?? 'POST', headers: pairs(push?.headers),
      pairs: [], mapping: pairs(push?.key_mapper), body: '', timeout_seconds: push?.timeout_seconds ?? 10, secret: '',
    }, // prettier-ignore
  };
}

type Document = Record<string, unknown>;

function stage(form: StageForm, key: StageKey, stored: Bot): Document {
  const shared = {
    provider: form.provider, model: form.model, base_url: form.base_url, api_key: form.api_key,
    extra: form.extra.trim() === '' ? {} : (JSON.parse(form.extra) as Document),
    // Fallbacks are kept as they are; masks in them stand for what is stored.
    fallbacks: stored[key]?.fallbacks ?? [],
  }; // prettier-ignore
  if (key === 'llm') return { ...shared, temperature: form.temperature, max_tokens: form.max_tokens };
  if (key === 'stt') return { ...shared, language: form.language };
  return { ...shared, language: form.language, voice: form.voice, speed: form.speed };
}

function tool(form: ToolForm): Document {
  const api = form.has_api
    ? { method: form.method, url: form.url, headers: dict(form.headers), query_params: dict(form.query_params),
        body_template: form.method === 'POST' && form.body_template.trim() !== '' ? form.body_template : null }
    : {}; // prettier-ignore
  return {
    name: form.name, description: form.description, guidance: form.guidance, has_api: form.has_api, timing: form.timing,
    hold_message_intent: form.hold_message_intent, timeout_seconds: form.timeout_seconds, ...api,
    parameters: form.parameters.map((parameter) => ({
      name: parameter.name, type: parameter.type, description: parameter.description, required: parameter.required,
      enum: parameter.enum.trim() === '' ? null : parameter.enum.split(',').map((value) => typed(value.trim(), parameter.type)),
    })),
  }; // prettier-ignore
}

const typed = (value: string, type: string) => (type === 'number' || type === 'integer' ? Number(value) : value);

function whole(form: BotForm, stored: Bot): Document {
  const { re_engagement: re, crm_prefetch: crm, post_call_push: push } = form;
  const fixed = OUTCOMES.filter((name) => form.auto_dispositions[name].DISPOSITION.trim() !== '');
  return {
    ...form,
    re_engagement: re.enabled
      ? { enabled: true, timeout_seconds: re.timeout_seconds, messages: re.messages.map((line) => line.text).filter(Boolean),
          max_attempts: re.max_attempts, final_message: re.final_message }
      : null,
    stt: stage(form.stt, 'stt', stored),
    llm: stage(form.llm, 'llm', stored),
    tts: stage(form.tts, 'tts', stored),
    custom_tools: form.custom_tools.map(tool),
    post_call_analysis_prompt: form.post_call_analysis_prompt.trim() === '' ? null : form.post_call_analysis_prompt,
    qc_prompt: form.qc_prompt.trim() === '' ? null : form.qc_prompt,
    auto_dispositions: fixed.length > 0 ? Object.fromEntries(fixed.map((name) => [name, form.auto_dispositions[name]])) : null,
    crm_prefetch: {
      enabled: crm.enabled, url: crm.url, method: crm.method, headers: dict(crm.headers), params: dict(crm.pairs), body: crm.body,
      timeout_seconds: crm.timeout_seconds, response_mapping: dict(crm.mapping),
    },
    post_call_push: {
      enabled: push.enabled, url: push.url, method: push.method, headers: dict(push.headers), key_mapper: dict(push.mapping),
      timeout_seconds: push.timeout_seconds, signing_secret: push.secret,
    },
  }; // prettier-ignore
}

/** Only the top-level fields that differ from what was loaded; a new bot's tools always, whose defaults here are not the API's. */
export function serialize(form: BotForm, stored: Bot): Omit<BotUpdate, 'revision'> {
  const before = whole(deserialize(stored), stored);
  const after = whole(form, stored);
  return Object.fromEntries(
    Object.entries(after).filter(
      ([key, value]) =>
        (key === 'builtin_tools' && !stored.builtin_tools) || JSON.stringify(value) !== JSON.stringify(before[key]),
    ),
  );
}
