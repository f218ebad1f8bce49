import type { StageKey } from './form';

interface Provider {
  value: string;
  label: string;
  model: string;
  /** Keys of `extra` that the worker knows, to begin with. */
  extra?: string;
}

/** Services that a stage can use, with the model that counts when none is given. */
export const PROVIDERS: Record<StageKey, Provider[]> = {
  stt: [
    { value: 'openai_compatible', label: 'OpenAI-compatible', model: 'whisper-1', extra: '{"stream": true}' },
    { value: 'deepgram', label: 'Deepgram', model: 'nova-3' },
    { value: 'deepgram_flux', label: 'Deepgram Flux', model: 'flux-general-en' },
    { value: 'soniox', label: 'Soniox', model: 'stt-rt-v4' },
  ],
  llm: [
    { value: 'openai_compatible', label: 'OpenAI-compatible', model: 'default' },
    { value: 'openai', label: 'OpenAI', model: 'gpt-4.1-mini' },
    { value: 'google', label: 'Google Gemini', model: 'gemini-2.5-flash' },
    { value: 'google_vertex', label: 'Google Vertex AI', model: '' },
  ],
  tts: [
    { value: 'openai_compatible', label: 'OpenAI-compatible', model: 'tts-1' },
    { value: 'elevenlabs', label: 'ElevenLabs', model: 'eleven_flash_v2_5' },
    { value: 'sarvam', label: 'Sarvam', model: 'bulbul:v2' },
  ],
};

export const STAGE_TITLE: Record<StageKey, string> = {
  stt: 'Hears: speech to text',
  llm: 'Thinks: language model',
  tts: 'Speaks: text to speech',
};

/** Deepgram Flux uses the key of Deepgram. */
export const keyOf = (provider: string) => (provider === 'deepgram_flux' ? 'deepgram' : provider);
export const providerLabel = (stage: StageKey, provider: string) =>
  PROVIDERS[stage].find((entry) => entry.value === provider)?.label ?? provider;
