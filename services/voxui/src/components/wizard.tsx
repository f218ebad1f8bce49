import { Button } from './button';

interface StepButtonsProps {
  at: number;
  steps: number;
  onStep: (at: number) => void;
  changed: boolean;
  busy: boolean;
  /** Why the last try to save failed. */
  error: unknown;
  isNew: boolean;
  /** What is made when it is new. */
  what: string;
}

/** To the steps beside this one, and the button that saves. */
export function StepButtons({ at, steps, onStep, changed, busy, error, isNew, what }: StepButtonsProps) {
  return (
    <div className="sticky bottom-0 -mx-1 flex flex-wrap items-center gap-2 border-t border-line bg-ground px-1 py-3">
      <Button disabled={at === 0} onClick={onStep.bind(null, at - 1)}>
        Previous
      </Button>
      <Button disabled={at === steps - 1} onClick={onStep.bind(null, at + 1)}>
        Next
      </Button>
      <span className="grow text-right text-xs text-muted">{changed ? 'Not saved yet' : ''}</span>
      <Button type="submit" look="primary" busy={busy && 'Saving …'} disabled={!isNew && !changed} after={error}>
        {isNew ? `Create ${what}` : 'Save changes'}
      </Button>
    </div>
  );
}
