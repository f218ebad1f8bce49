import { Icon } from './icons';
import { useChosenInSight } from './in-sight';

interface StepListProps {
  steps: { key: string; label: string }[];
  at: number;
  onStep: (position: number) => void;
  /** By position: the step holds something that cannot be saved. */
  wrong: boolean[];
  isNew: boolean;
}

/** The steps of a wizard; each can be opened at any time. */
export function StepList({ steps, at, onStep, wrong, isNew }: StepListProps) {
  const list = useChosenInSight<HTMLOListElement>(at);
  return (
    <nav aria-label="Steps" className="lg:sticky lg:top-6 lg:self-start">
      <ol ref={list} className="flex gap-1 overflow-x-auto lg:flex-col">
        {steps.map((entry, position) => (
          <li key={entry.key} className="shrink-0">
            <button
              type="button"
              aria-current={position === at ? 'step' : undefined}
              onClick={() => {
                onStep(position);
              }}
              className="flex w-full items-center gap-2.5 rounded-lg px-2.5 py-2 text-left text-sm text-muted hover:bg-sunken aria-[current=step]:bg-brand-soft aria-[current=step]:font-medium aria-[current=step]:text-brand-text"
            >
              <StepMark number={position + 1} wrong={wrong[position] ?? false} done={!isNew || position < at} />
              {entry.label}
              {wrong[position] && <span className="sr-only"> (has errors)</span>}
            </button>
          </li>
        ))}
      </ol>
    </nav>
  );
}

function StepMark({ number, wrong, done }: { number: number; wrong: boolean; done: boolean }) {
  return (
    <span
      aria-hidden="true"
      className={`num grid size-5.5 shrink-0 place-items-center rounded-full border text-xs ${wrong ? 'border-bad bg-bad-soft text-bad' : 'border-current'}`}
    >
      {wrong ? '!' : done ? <Icon name="check" className="size-3.5" /> : number}
    </span>
  );
}
