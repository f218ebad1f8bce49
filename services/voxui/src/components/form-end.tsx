import type { ReactNode } from 'react';

import { useLeave } from '@/lib/leave';

import { Button } from './button';
import { Problem } from './states';

interface FormEndProps {
  /** Why the last try failed, without what stands at the fields; null: it did not. */
  error: unknown;
  /** What did not happen then, for example "Not saved". */
  failed: string;
  /** What it is doing now, for example "Saving …". */
  busy: string | false;
  disabled?: boolean;
  /** Another way on from the failure than to press the button again. */
  onRetry?: (() => unknown) | undefined;
  onCancel?: () => void;
  cancel?: string;
  /** In dialogs the buttons stand at the right, the one that acts at the edge. */
  place?: 'dialog' | 'page';
  children: ReactNode;
}

/** The end of every form of one page: what failed, and the button that tries, or waits as long as the server asked. */
export function FormEnd({
  error,
  failed,
  busy,
  disabled = false,
  onRetry,
  onCancel,
  cancel = 'Cancel',
  place = 'dialog',
  children,
}: FormEndProps) {
  const leave = useLeave();
  const act = (
    <Button type="submit" look="primary" busy={busy} disabled={disabled} after={error}>
      {children}
    </Button>
  );
  return (
    <>
      {error !== null && <Problem error={error} title={failed} {...(onRetry ? { onRetry } : {})} />}
      <div className={`flex gap-2 ${place === 'dialog' ? 'justify-end' : ''}`}>
        {place === 'page' && act}
        {onCancel && <Button onClick={leave.bind(null, onCancel)}>{cancel}</Button>}
        {place === 'dialog' && act}
      </div>
    </>
  );
}
