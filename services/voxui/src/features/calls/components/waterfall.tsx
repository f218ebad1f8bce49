import { memo, useState } from 'react';

import { Badge } from '@/components/badge';
import { Button } from '@/components/button';
import { DASH, milliseconds, plural } from '@/lib/format';
import { useInParts } from '@/lib/hooks';
import type { LatencySummary } from '@/generated';

import { scaleEnd, slowest, STAGE_LABEL, STAGES, turnBars, type Stage, type TurnBar } from '../lib/waterfall';

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
export const Waterfall = memo(function Waterfall({ samples, summary, onSeekTurn }: WaterfallProps) {
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
  return (
    <div className="space-y-4">
      <Head summary={summary} slowest={slowest(bars)} onSeekTurn={onSeekTurn} />
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5">
        {used.map((stage) => (
          <span key={stage} className="inline-flex items-center gap-1.5 text-xs text-muted">
            <span className={`size-2.5 rounded-sm ${COLOUR[stage]}`} aria-hidden="true" />
            {STAGE_LABEL[stage]}
          </span>
        ))}
        {bars.some((bar) => bar.interrupted) && (
          <span className="text-xs text-muted">
            <span className="text-warn" aria-hidden="true">
              ✕
            </span>{' '}
            Interrupted
          </span>
        )}
      </div>
      {asTable ? (
        <StageTable bars={shown} />
      ) : (
        <Bars bars={shown} p95Ms={summary?.total_p95_ms} onSeekTurn={onSeekTurn} />
      )}
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
});

interface HeadProps {
  summary: LatencySummary | null | undefined;
  slowest: TurnBar | undefined;
  onSeekTurn: ((turn: number) => void) | undefined;
}

function Head({ summary, slowest, onSeekTurn }: HeadProps) {
  const figures: [string, number | null | undefined][] = [
    ['Average', summary?.total_avg_response_ms],
    ['Median', summary?.total_p50_ms],
    ['95 %', summary?.total_p95_ms],
    ['First words', summary?.opening_ms],
    ['Slowest', slowest?.totalMs],
  ];
  return (
    <dl className="grid grid-cols-3 gap-x-2 gap-y-3 sm:grid-cols-5">
      {figures.map(([name, value]) => (
        <div key={name}>
          <dt className="text-xs text-muted">{name}</dt>
          <dd className="num text-lg font-semibold tracking-tight">{milliseconds(value)}</dd>
          {name === 'Slowest' && slowest && (
            <dd className="num text-xs">
              {onSeekTurn ? (
                <button
                  type="button"
                  className="text-brand-text hover:underline"
                  onClick={() => {
                    onSeekTurn(slowest.turn);
                  }}
                >
                  Play turn {slowest.turn}
                </button>
              ) : (
                <span className="text-muted">turn {slowest.turn}</span>
              )}
            </dd>
          )}
        </div>
      ))}
    </dl>
  );
}

interface BarsProps {
  bars: TurnBar[];
  p95Ms: number | null | undefined;
  onSeekTurn: ((turn: number) => void) | undefined;
}

/** Bars that a screen holds. */
const FIRST = 30;

/** What stands at the right of a bar, besides its time. */
const COUNTS = [
  { key: 'completionTokens', short: 'Tokens', one: 'token' },
  { key: 'characters', short: 'Chars', one: 'character' },
] as const;

function Bars({ bars, p95Ms, onSeekTurn }: BarsProps) {
  const end = scaleEnd(bars);
  const counts = COUNTS.filter(({ key }) => bars.some((bar) => bar[key] !== null));
  const right = RIGHT[counts.length] ?? '';
  return (
    <ol aria-label="Latency of each turn" className="relative space-y-1.5">
      {counts.length > 0 && (
        <li
          aria-hidden="true"
          className={`flex justify-end gap-2 text-xs text-muted ${p95Ms == null ? '' : 'absolute top-0 right-0'}`}
        >
          <span className={TOTAL}>Total</span>
          {counts.map(({ key, short }) => (
            <span key={key} className={COUNT}>
              {short}
            </span>
          ))}
        </li>
      )}
      {p95Ms != null && <Scale at={p95Ms / end} says="95 %" right={right} />}
      {useInParts(bars, FIRST).map((bar) => {
        const says = bar.segments.map((part) => `${STAGE_LABEL[part.stage]} ${milliseconds(part.ms)}`).join(', ');
        const row = (
          <>
            <span className="num w-8 shrink-0 text-xs text-muted">
              <span className="sr-only">Turn </span>
              {bar.turn}
            </span>
            <span className="h-5 grow rounded bg-sunken" aria-hidden="true">
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
            </span>
            <span className={`num ${TOTAL}`}>
              {bar.interrupted && (
                <span title="The customer interrupted" className="text-warn" aria-hidden="true">
                  ✕{' '}
                </span>
              )}
              {milliseconds(bar.totalMs)}
              {bar.overlap && <span title="Stages ran at the same time"> *</span>}
            </span>
            {counts.map(({ key }) => (
              <span key={key} className={`num text-muted ${COUNT}`} aria-hidden="true">
                {bar[key]?.toLocaleString('en') ?? DASH}
              </span>
            ))}
            <span className="sr-only">
              : {[says, ...countsOf(bar), ...(bar.interrupted ? ['interrupted'] : [])].join(', ')}.
            </span>
          </>
        );
        return (
          <li key={bar.turn} className="[contain-intrinsic-size:auto_1.25rem] [content-visibility:auto]">
            {onSeekTurn ? (
              <button
                type="button"
                className="flex w-full items-center gap-2 rounded text-left -outline-offset-2 hover:bg-sunken"
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
      <Scale at={1_000 / end} says="1 s" right={right} isBelow />
    </ol>
  );
}

const TOTAL = 'w-18 shrink-0 text-right text-xs';
const COUNT = 'w-11 shrink-0 text-right text-xs';
/** Room that total and counts take beside the bars, by the number of counts. */
const RIGHT = ['right-20', 'right-33', 'right-46'];

const countsOf = (bar: TurnBar) => COUNTS.flatMap(({ key, one }) => (bar[key] === null ? [] : [plural(bar[key], one)]));

interface ScaleProps {
  at: number;
  says: string;
  /** Where the bars end. */
  right: string;
  isBelow?: boolean;
}

/** A line through all bars, with what it stands for above or below them. */
function Scale({ at, says, right, isBelow = false }: ScaleProps) {
  const left = { left: `${Math.min(1, at) * 100}%` };
  return (
    <li aria-hidden="true">
      <div className="h-4 text-xs text-muted">
        <div className={`pointer-events-none absolute inset-y-4.5 left-10 ${right}`}>
          <span
            className={`absolute inset-y-0 border-l ${isBelow ? 'border-dashed border-line-strong' : 'border-muted'}`}
            style={left}
          />
        </div>
        <div className={`absolute left-10 ${right}`}>
          <span className="absolute -translate-x-1/2 whitespace-nowrap" style={left}>
            {says}
          </span>
        </div>
      </div>
    </li>
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
