/** Latency of a turn as a bar: which stage took how long. Pure. */

export const STAGES = ['stt', 'turn', 'rag', 'tool', 'llm', 'tts'] as const;
export type Stage = (typeof STAGES)[number] | 'other';

export const STAGE_LABEL: Record<Stage, string> = {
  stt: 'Speech to text',
  turn: 'End of turn',
  rag: 'Knowledge',
  tool: 'Tool',
  llm: 'Language model',
  tts: 'Text to speech',
  other: 'Other',
};

export interface Segment {
  stage: Stage;
  ms: number;
  /** Share of the bar, 0 to 1. */
  share: number;
}

export interface TurnBar {
  turn: number;
  totalMs: number;
  segments: Segment[];
  /** The stages add up to more than the total: some ran at the same time. */
  overlap: boolean;
  /** Per stage, null where there is no sample. */
  stages: Record<(typeof STAGES)[number], number | null>;
  completionTokens: number | null;
  characters: number | null;
  interrupted: boolean;
}

const measured = (value: unknown) => (typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null);

export function turnBars(samples: Record<string, unknown>[]): TurnBar[] {
  return samples.flatMap((sample): TurnBar[] => {
    const totalMs = measured(sample.total_ms);
    if (totalMs === null) return [];
    const stages = Object.fromEntries(
      STAGES.map((stage) => [stage, measured(sample[`${stage}_ms`])]),
    ) as TurnBar['stages'];
    const sum = STAGES.reduce((total, stage) => total + (stages[stage] ?? 0), 0);
    const whole = Math.max(sum, totalMs);
    const parts: [Stage, number][] = STAGES.map((stage) => [stage, stages[stage] ?? 0]);
    if (totalMs > sum) parts.push(['other', totalMs - sum]);
    return [
      {
        turn: measured(sample.turn) ?? 0,
        totalMs,
        segments: parts
          .filter(([, ms]) => ms > 0)
          .map(([stage, ms]) => ({ stage, ms, share: whole > 0 ? ms / whole : 0 })),
        overlap: sum > totalMs + 1,
        stages,
        completionTokens: measured(sample.completion_tokens),
        characters: measured(sample.tts_characters),
        interrupted: sample.interrupted === true,
      },
    ];
  });
}

/** End of the scale: the slowest turn, rounded up to half a second, at least one second. */
export const scaleEnd = (bars: TurnBar[]) =>
  Math.max(1_000, Math.ceil(Math.max(0, ...bars.map((bar) => bar.totalMs)) / 500) * 500);

/** The turn that took longest; of several the first. */
export const slowest = (bars: TurnBar[]): TurnBar | undefined =>
  bars.reduce<TurnBar | undefined>((most, bar) => (most && most.totalMs >= bar.totalMs ? most : bar), undefined);
