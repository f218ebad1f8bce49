import { memo, useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';

import { Button } from '@/components/button';
import { Panel } from '@/components/card';
import { Menu } from '@/components/menu';
import { plural } from '@/lib/format';
import { press, type SEATS } from '@/lib/shortcuts';

import { byHost, byTag, stateLabel, STATES, targets, type Names, type Seat, type Target } from '../lib/seats';
import { SeatCard } from './seat-card';

// Colour and shape: no state is told by colour alone.
const LOOK: Record<string, string> = {
  starting: 'border-dashed border-line-strong bg-sunken',
  idle: 'border-ok bg-ok-soft',
  reserved: 'border-warn bg-[radial-gradient(circle,var(--warn)_25%,var(--warn-soft)_30%)]',
  busy: 'border-info bg-info',
  wrapping: 'border-violet bg-[linear-gradient(to_top,var(--violet)_50%,var(--violet-soft)_50%)]',
  lost: 'border-bad bg-[linear-gradient(45deg,transparent_44%,var(--bad)_44%_56%,transparent_56%),linear-gradient(-45deg,transparent_44%,var(--bad)_44%_56%,transparent_56%)]',
};
const DRAIN = 'outline-2 outline-offset-1 outline-dashed outline-warn';
/** A draining seat is counted as one, whatever it still does: it is free for nobody. */
const kindOf = (seat: Seat) => (seat.draining ? 'draining' : seat.state);
const UNKNOWN = 'border-line-strong bg-sunken';
/** Of another state than the chosen one. No opacity: a thousand see-through squares make every frame of the page dear. */
const FADED = 'border-line bg-sunken';
/** How long a seat that changed stays lit up. */
const FLASH_MS = 700;
/** Above this many hosts the map begins folded. */
const MANY_HOSTS = 2_000;

interface SeatMapProps {
  seats: Seat[];
  names: Names;
  /** Absent: this person may not drain. */
  onDrain?: (target: Target) => void;
}

/** Every seat as a square that never moves, host by host. Arrow keys walk over all of them, Enter keeps a card open. */
export function SeatMap({ seats, names, onDrain }: SeatMapProps) {
  const [only, setOnly] = useState<string | null>(null);
  const [shown, setShown] = useState<string | null>(null);
  const [pinned, setPinned] = useState<string | null>(null);
  const grid = useRef<HTMLDivElement>(null);
  const hosts = useMemo(() => byHost(seats), [seats]);
  const tags = useMemo(() => byTag(seats), [seats]);
  const order = useMemo(() => hosts.flatMap(([, members]) => members.map((seat) => seat.workerId)), [hosts]);
  const [focus, setFocus] = useState(order[0] ?? '');
  const reachable = order.includes(focus) ? focus : (order[0] ?? '');
  const lit = useLit(seats);
  const open = seats.find((seat) => seat.workerId === (pinned ?? shown));

  const go = (workerId: string | undefined) => {
    if (workerId === undefined) return;
    setFocus(workerId);
    grid.current?.querySelector<HTMLElement>(`[data-seat="${CSS.escape(workerId)}"]`)?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // Buttons of hosts stand among the squares.
    if (!(event.target instanceof HTMLElement && event.target.dataset.seat)) return;
    const at = order.indexOf(reachable);
    const goTo = (to: number) => {
      go(order[Math.max(0, Math.min(order.length - 1, to))]);
    };
    press<typeof SEATS>(event, {
      ArrowRight: goTo.bind(null, at + 1),
      ArrowDown: goTo.bind(null, at + 1),
      ArrowLeft: goTo.bind(null, at - 1),
      ArrowUp: goTo.bind(null, at - 1),
      Home: goTo.bind(null, 0),
      End: goTo.bind(null, order.length - 1),
      Enter: () => {
        setPinned(pinned === reachable ? null : reachable);
      },
      Escape: () => {
        setPinned(null);
        setShown(null);
      },
    });
  };
  return (
    <Panel
      title="Seats"
      hint={
        tags.length > 1
          ? tags.map(([tag, count]) => `${tag || 'no tag'}: ${plural(count, 'seat')}`).join(', ')
          : plural(seats.length, 'seat')
      }
      actions={
        onDrain && (
          <Menu
            trigger={<Button small>Drain …</Button>}
            items={[
              ...tags.map(([tag, count]) => ({
                label: `Image ${tag || 'without a tag'} (${plural(count, 'seat')})`,
                onSelect: () => {
                  onDrain(targets.tag(tag, seats));
                },
              })),
              {
                label: 'The whole fleet',
                onSelect: () => {
                  onDrain(targets.pool(seats));
                },
              },
            ]}
          />
        )
      }
    >
      <Legend seats={seats} only={only} onOnly={setOnly} />
      <div
        ref={grid}
        onKeyDown={onKeyDown}
        role="toolbar"
        aria-label="Seats by host"
        className="flex flex-wrap gap-x-8 gap-y-4"
      >
        {hosts.map(([host, members]) => (
          <Host
            key={host}
            name={host}
            members={members}
            folded={hosts.length > MANY_HOSTS}
            {...(onDrain ? { onDrain } : {})}
          >
            {members.map((seat) => (
              <Square
                key={seat.workerId}
                workerId={seat.workerId}
                state={seat.state}
                draining={seat.draining}
                tagMark={tags.length > 1 ? tags.findIndex(([tag]) => tag === seat.imageTag) : 0}
                isLit={lit.has(seat.workerId)}
                isFaded={only !== null && only !== kindOf(seat)}
                isReachable={seat.workerId === reachable}
                isPinned={seat.workerId === pinned}
                onShow={setShown}
                onFocus={setFocus}
                onPin={setPinned}
              />
            ))}
          </Host>
        ))}
      </div>
      <div className="mt-4 min-h-20 border-t border-line pt-4" aria-live="off">
        {open ? (
          <SeatCard
            seat={open}
            names={names}
            isPinned={pinned === open.workerId}
            {...(onDrain
              ? {
                  onDrain: () => {
                    onDrain(targets.seat(open));
                  },
                }
              : {})}
          />
        ) : (
          <p className="text-sm text-muted">Choose a seat to see what it does. Arrow keys walk from seat to seat.</p>
        )}
      </div>
    </Panel>
  );
}

function Legend({
  seats,
  only,
  onOnly,
}: {
  seats: Seat[];
  only: string | null;
  onOnly: (state: string | null) => void;
}) {
  const unknown = [...new Set(seats.map((seat) => seat.state))].filter(
    (state) => !STATES.some((known) => known === state),
  );
  const entries = [...STATES, ...unknown]
    .map((state): [string, string, number] => [
      state,
      LOOK[state] ?? UNKNOWN,
      seats.filter((seat) => kindOf(seat) === state).length,
    ])
    // The two that everybody looks for, and what there is of the others; a chosen one stays to be let go.
    .filter(([state, , count]) => count > 0 || state === 'idle' || state === 'busy' || state === only);
  const draining = seats.filter((seat) => seat.draining).length;
  return (
    <ul className="mb-3 -ml-2 flex flex-wrap gap-x-1 gap-y-1 text-xs" aria-label="Legend">
      {[
        ...entries,
        ...(draining > 0 || only === 'draining'
          ? [['draining', `${UNKNOWN} ${DRAIN}`, draining] as [string, string, number]]
          : []),
      ].map(([state, look, count]) => (
        <li key={state}>
          <button
            type="button"
            aria-pressed={only === state}
            onClick={() => {
              onOnly(only === state ? null : state);
            }}
            className="flex h-7 items-center gap-1.5 rounded-md px-2 text-muted hover:bg-sunken hover:text-ink aria-pressed:bg-brand-soft aria-pressed:text-brand-text"
          >
            <span className={`size-3.5 rounded border ${look}`} aria-hidden="true" />
            {state === 'draining' ? 'Draining' : stateLabel(state)} <span className="num">{count}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

interface HostProps {
  name: string;
  members: Seat[];
  folded: boolean;
  onDrain?: (target: Target) => void;
  children: React.ReactNode;
}

function Host({ name, members, folded, onDrain, children }: HostProps) {
  const free = members.filter((seat) => seat.state === 'idle' && !seat.draining).length;
  const label = (
    <>
      <span className="font-mono font-medium">{name || 'unnamed host'}</span>{' '}
      <span className="num text-muted">
        {free} of {members.length} free
      </span>
    </>
  );
  const squares = <div className="flex flex-wrap gap-1.5">{children}</div>;
  if (folded) {
    return (
      <details>
        <summary className="text-xs">{label}</summary>
        {squares}
      </details>
    );
  }
  return (
    // A painter's group of its own: a seat that changes repaints its host, not a thousand squares.
    <section aria-label={`Host ${name}`} className="isolate">
      <div className="mb-1.5 flex items-center gap-2">
        <h3 className="text-xs">{label}</h3>
        {onDrain && (
          <button
            type="button"
            aria-label={`Drain host ${name}`}
            onClick={() => {
              onDrain(targets.host(name, members));
            }}
            className="rounded px-1.5 text-xs text-muted underline-offset-2 hover:text-ink hover:underline"
          >
            Drain
          </button>
        )}
      </div>
      {squares}
    </section>
  );
}

interface SquareProps {
  workerId: string;
  state: string;
  draining: boolean;
  /** 0: of the most frequent image; the others have a mark in the corner. */
  tagMark: number;
  /** It has just changed its state. */
  isLit: boolean;
  isFaded: boolean;
  isReachable: boolean;
  isPinned: boolean;
  onShow: (workerId: string) => void;
  onFocus: (workerId: string) => void;
  onPin: (change: (before: string | null) => string | null) => void;
}

/** Drawn again only when it looks different. */
const Square = memo(function Square(props: SquareProps) {
  const { workerId, state, draining, tagMark, isLit, isFaded, isReachable, isPinned, onShow, onFocus, onPin } = props;
  const look = isFaded ? FADED : `${LOOK[state] ?? UNKNOWN} ${draining ? DRAIN : ''}`;
  return (
    <button
      type="button"
      data-seat={workerId}
      tabIndex={isReachable ? 0 : -1}
      aria-pressed={isPinned}
      aria-label={`${workerId}: ${stateLabel(state)}${draining ? ', draining' : ''}`}
      onMouseEnter={() => {
        onShow(workerId);
      }}
      onFocus={() => {
        onFocus(workerId);
        onShow(workerId);
      }}
      onClick={() => {
        onPin((before) => (before === workerId ? null : workerId));
      }}
      className={`${tagMark > 0 ? 'relative' : ''} size-6 rounded border ${look} ${isLit ? 'seat-lit' : ''} ${isPinned ? 'ring-2 ring-brand ring-offset-2 ring-offset-surface' : ''}`}
    >
      {tagMark > 0 && (
        <span className="absolute -top-1 -right-1 size-2 rotate-45 border border-surface bg-ink" aria-hidden="true" />
      )}
    </button>
  );
});

const NONE: ReadonlySet<string> = new Set();
const lookOf = (seat: Seat) => `${seat.state}${String(seat.draining)}`;

/** Seats that look different since the answer before, for a moment: all of them are lit and let go together, once. */
function useLit(seats: Seat[]): ReadonlySet<string> {
  const [known, setKnown] = useState(seats);
  const [lit, setLit] = useState(NONE);
  if (known !== seats) {
    const before = new Map(known.map((seat) => [seat.workerId, lookOf(seat)]));
    const changed = seats.filter((seat) => (before.get(seat.workerId) ?? lookOf(seat)) !== lookOf(seat));
    setKnown(seats);
    setLit(changed.length > 0 ? new Set(changed.map((seat) => seat.workerId)) : NONE);
  }
  useEffect(() => {
    if (lit.size === 0) return;
    const timer = setTimeout(() => {
      setLit(NONE);
    }, FLASH_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [lit]);
  return lit;
}
