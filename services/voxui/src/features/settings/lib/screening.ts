/** Answered calls and the time after which each kind of answer is judged. The dialler decides; this shows its settings. */

export interface Screening {
  enabled: boolean;
  beep_detection_enabled: boolean;
  total_analysis_ms: number;
  initial_silence_ms: number;
  max_words: number;
  greeting_ms: number;
  after_greeting_silence_ms: number;
  action_on_machine: string;
  action_on_unknown: string;
}

/** What decides how long it takes and how sure it is. Times are milliseconds. */
export type Preset = Pick<
  Screening,
  | 'beep_detection_enabled'
  | 'total_analysis_ms'
  | 'initial_silence_ms'
  | 'max_words'
  | 'greeting_ms'
  | 'after_greeting_silence_ms'
>;

export const STANDARD: Preset = {
  beep_detection_enabled: true,
  total_analysis_ms: 2000,
  initial_silence_ms: 2000,
  max_words: 4,
  greeting_ms: 2000,
  after_greeting_silence_ms: 800,
};
export const PRESETS: { name: string; hint: string; values: Preset }[] = [
  { name: 'Standard', hint: 'Quick: people wait two seconds at most', values: STANDARD },
  {
    name: 'Thorough',
    hint: 'For lists with many machines: long greetings are heard out',
    values: { ...STANDARD, total_analysis_ms: 4000 },
  },
];

/** The name of the preset that these values are; empty: they are somebody's own. */
export const presetOf = (values: Preset) =>
  PRESETS.find((preset) =>
    (Object.keys(STANDARD) as (keyof Preset)[]).every((key) => preset.values[key] === values[key]),
  )?.name ?? '';

export interface Rule {
  heard: string;
  verdict: 'Person' | 'Machine' | 'Not known';
  /** Milliseconds after the answer; null: the time is over before. */
  atMs: number | null;
}

/** A word that somebody says at once, in the drawing. */
const HELLO_MS = 400;

export function rulesOf(values: Preset): Rule[] {
  const total = values.total_analysis_ms;
  const inTime = (ms: number) => (ms <= total ? ms : null);
  return [
    {
      heard: 'A short greeting, then silence',
      verdict: 'Person',
      atMs: inTime(HELLO_MS + values.after_greeting_silence_ms),
    },
    { heard: 'A voice that goes on without a pause', verdict: 'Machine', atMs: inTime(values.greeting_ms) },
    { heard: 'Nothing', verdict: 'Machine', atMs: inTime(values.initial_silence_ms) },
    { heard: 'Anything else, until the time is over', verdict: 'Not known', atMs: total },
  ];
}
