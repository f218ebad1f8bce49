import { useState } from 'react';

import { Badge } from '@/components/badge';
import { Button } from '@/components/button';
import { DASH, milliseconds } from '@/lib/format';
import type { LatencySummary } from '@/generated';

import { scaleEnd, STAGE_LABEL, STAGES, turnBars, type Stage, type TurnBar } from '../lib/waterfall';

// Whole class names, so that the style sheet knows them.
const COLOUR: Record<Stage, string> = {
  stt: 'bg-(--stage-stt)',
  turn: 'bg-(--stage-turn)',
  rag: 'bg-(--stage-rag)',
  tool: 'bg-(--stage-tool)',
  llm: 'bg-(--stage-llm)',
  tts: 'bg-(--stage-tts)',
  other: 'bg-(--stage-other)',
};

interface WaterfallProps {
  samples: Record<string, unknown>[];
  summary: LatencySummary | null | undefined;
  onSeekTurn?: ((turn: number) => void) | undefined;
}

/** Where the time of each answer went, from the customer's last sound to the bot's first. */
export function Waterfall({ samples, summary, onSeekTurn }: WaterfallProps) {
  const [byTotal, setByTotal] = useState(false);
  const [asTable, setAsTable] = useState(false);
  const bars = turnBars(samples);
  if (bars.length === 0) {
    return <p className="text-sm text-muted">No turn was measured: the customer said nothing that the bot answered.</p>;
  }
  const shown = byTotal ? bars.toSorted((a, b) => b.totalMs - a.totalMs) : bars;
  const used = [...STAGES, 'other' as const].filter((stage) =>
    bars.some((bar) => bar.segments.some((part) => part.stage === stage)),
  );
  const figures: [string, number | null | undefined][] = [
    ['Average', summary?.total_avg_response_ms],
    ['Median', summary?.total_p50_ms],
    ['95 %', summary?.total_p95_ms],
    ['First words', summary?.opening_ms],
  ];
  return (
    <div className="space-y-4">
      <dl className="grid grid-cols-2 gap-3 sm:grid-cols-4">
        {figures.map(([name, value]) => (
          <div key={name}>
            <dt className="text-xs text-muted">{name}</dt>
            <dd className="num text-lg font-semibold tracking-tight">{milliseconds(value)}</dd>
          </div>
        ))}
      </dl>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5">
        {used.map((stage) => (
          <span key={stage} className="inline-flex items-center gap-1.5 text-xs text-muted">
            <span className={`size-2.5 rounded-sm ${COLOUR[stage]}`} aria-hidden="true" />
            {STAGE_LABEL[stage]}
          </span>
        ))}
      </div>
      {asTable ? <StageTable bars={shown} /> : <Bars bars={shown} onSeekTurn={onSeekTurn} />}
      <div className="-mx-2.5 flex flex-wrap gap-2">
        <Button
          small
          look="quiet"
          aria-pressed={byTotal}
          onClick={() => {
            setByTotal(!byTotal);
          }}
        >
          {byTotal ? 'Sort by turn' : 'Slowest first'}
        </Button>
        <Button
          small
          look="quiet"
          aria-pressed={asTable}
          onClick={() => {
            setAsTable(!asTable);
          }}
        >
          {asTable ? 'Show as bars' : 'Show as table'}
        </Button>
      </div>
    </div>
  );
}

function Bars({ bars, onSeekTurn }: { bars: TurnBar[]; onSeekTurn?: ((turn: number) => void) | undefined }) {
  const end = scaleEnd(bars);
  return (
    <ol aria-label="Latency of each turn" className="relative space-y-1.5">
      {bars.map((bar) => {
        const says = bar.segments.map((part) => `${STAGE_LABEL[part.stage]} ${milliseconds(part.ms)}`).join(', ');
        const row = (
          <>
            <span className="num w-8 shrink-0 text-xs text-muted">
              <span className="sr-only">Turn </span>
              {bar.turn}
            </span>
            <span className="relative h-5 grow rounded bg-sunken" aria-hidden="true">
              <span className="flex h-full overflow-hidden rounded" style={{ width: `${(bar.totalMs / end) * 100}%` }}>
                {bar.segments.map((part) => (
                  <span
                    key={part.stage}
                    title={`${STAGE_LABEL[part.stage]} ${milliseconds(part.ms)}, ${Math.round(part.share * 100)} %`}
                    className={`h-full ${COLOUR[part.stage]}`}
                    style={{ width: `${part.share * 100}%` }}
                  />
                ))}
              </span>
              <span
                className="pointer-events-none absolute inset-y-0 border-l border-dashed border-line-strong"
                style={{ left: `${(1_000 / end) * 100}%` }}
              />
            </span>
            <span className="num w-16 shrink-0 text-right text-xs">
              {milliseconds(bar.totalMs)}
              {bar.overlap && <span title="Stages ran at the same time"> *</span>}
            </span>
            <span className="sr-only">: {says}.</span>
          </>
        );
        return (
          <li key={bar.turn}>
            {onSeekTurn ? (
              <button
                type="button"
                className="flex w-full items-center gap-2 rounded text-left hover:bg-sunken"
                onClick={() => {
                  onSeekTurn(bar.turn);
                }}
              >
                {row}
                <span className="sr-only"> Go to it.</span>
              </button>
            ) : (
              <div className="flex items-center gap-2">{row}</div>
            )}
          </li>
        );
      })}
      <li className="flex items-center gap-2 text-xs text-muted" aria-hidden="true">
        <span className="w-8" />
        <span className="relative h-4 grow">
          <span className="absolute -translate-x-1/2 whitespace-nowrap" style={{ left: `${(1_000 / end) * 100}%` }}>
            1 s
          </span>
        </span>
        <span className="w-16" />
      </li>
    </ol>
  );
}

function StageTable({ bars }: { bars: TurnBar[] }) {
  const cell = 'px-2 py-1.5 text-right whitespace-nowrap';
  return (
    // A keyboard must be able to scroll what is wider than its frame.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="overflow-x-auto" role="region" aria-label="Latency of each turn" tabIndex={0}>
      <table className="num w-full text-xs">
        <thead>
          <tr className="text-muted">
            <th scope="col" className="py-1.5 pr-2 text-left font-medium">
              Turn
            </th>
            {[...STAGES.map((stage) => STAGE_LABEL[stage]), 'Total', 'Tokens', 'Characters'].map((name) => (
              <th key={name} scope="col" className={`${cell} font-medium`}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {bars.map((bar) => (
            <tr key={bar.turn} className="border-t border-line">
              <th scope="row" className="py-1.5 pr-2 text-left font-normal">
                {bar.turn} {bar.interrupted && <Badge tone="warn">interrupted</Badge>}
              </th>
              {STAGES.map((stage) => (
                <td key={stage} className={cell}>
                  {milliseconds(bar.stages[stage])}
                </td>
              ))}
              <td className={`${cell} font-semibold`}>{milliseconds(bar.totalMs)}</td>
              <td className={cell}>{bar.completionTokens ?? DASH}</td>
              <td className={cell}>{bar.characters ?? DASH}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
