import { Dialog as Radix } from 'radix-ui';
import { useRef, useState, type ReactNode } from 'react';

import { LeaveScope, useLeaving } from '@/lib/leave';

import { Button, IconButton } from './button';
import { Problem } from './states';

interface DialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  hint?: ReactNode;
  wide?: boolean;
  /** A stray click outside must not end what runs inside. */
  sticky?: boolean;
  children: ReactNode;
}

/** Gives the focus back to what had it: our dialogs have no trigger that Radix would give it to. */
function useFocusBack() {
  const before = useRef<Element | null>(null);
  return {
    remember: () => {
      before.current = document.activeElement;
    },
    onCloseAutoFocus: (event: Event) => {
      event.preventDefault();
      if (before.current instanceof HTMLElement) before.current.focus();
    },
  };
}

export function Dialog({ open, onOpenChange, title, hint, wide = false, sticky = false, children }: DialogProps) {
  const body = useRef<HTMLDivElement>(null);
  const { remember, onCloseAutoFocus } = useFocusBack();
  const { scope, way, stay } = useLeaving();
  const change = (next: boolean) => {
    if (next) onOpenChange(true);
    else scope.leave(onOpenChange.bind(null, false));
  };
  return (
    <Radix.Root open={open} onOpenChange={change}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-black/50" />
        <Radix.Content
          onCloseAutoFocus={onCloseAutoFocus}
          onOpenAutoFocus={(event) => {
            remember();
            // The first field of the content, else its first button; not the cross above it.
            const find = (what: string) => body.current?.querySelector<HTMLElement>(what);
            const first = find('input, select, textarea') ?? find('button');
            if (!first) return;
            event.preventDefault();
            first.focus();
          }}
          onPointerDownOutside={(event) => {
            if (sticky) event.preventDefault();
          }}
          {...(hint ? {} : { 'aria-describedby': undefined })}
          className={`appear fixed inset-x-3 top-1/2 z-40 mx-auto max-h-[calc(100dvh-1.5rem)] -translate-y-1/2 overflow-y-auto rounded-2xl border border-line bg-raised shadow-raised ${wide ? 'max-w-2xl' : 'max-w-md'}`}
        >
          <header className="flex items-start gap-3 px-5 pt-4 pb-1">
            <div className="min-w-0 grow">
              <Radix.Title className="text-base font-semibold">{title}</Radix.Title>
              {hint && <Radix.Description className="mt-0.5 text-sm text-muted">{hint}</Radix.Description>}
            </div>
            <Radix.Close asChild>
              <IconButton icon="close" label="Close" className="-mt-0.5 -mr-2" />
            </Radix.Close>
          </header>
          <div ref={body} className="px-5 pt-3 pb-5">
            <LeaveScope value={scope}>{children}</LeaveScope>
          </div>
        </Radix.Content>
      </Radix.Portal>
      {way && <LeaveQuestion onLeave={way} onStay={stay} />}
    </Radix.Root>
  );
}

/** A record beside the list that it was opened from. */
export function Drawer({ open, onOpenChange, title, children }: Omit<DialogProps, 'hint' | 'wide' | 'sticky'>) {
  const { remember, onCloseAutoFocus } = useFocusBack();
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-black/50" />
        <Radix.Content
          aria-describedby={undefined}
          onOpenAutoFocus={remember}
          onCloseAutoFocus={onCloseAutoFocus}
          className="appear fixed inset-y-0 right-0 z-40 w-full max-w-xl overflow-y-auto border-l border-line bg-raised shadow-raised"
        >
          <header className="flex items-start gap-3 px-5 pt-4 pb-1">
            <Radix.Title className="num min-w-0 grow text-base font-semibold">{title}</Radix.Title>
            <Radix.Close asChild>
              <IconButton icon="close" label="Close" className="-mt-0.5 -mr-2" />
            </Radix.Close>
          </header>
          <div className="px-5 pt-3 pb-5">{children}</div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

interface ConfirmProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  /** The consequence, in numbers where there are some. */
  children: ReactNode;
  action: string;
  cancel?: string;
  busyText: string;
  /** `primary`: a step forward that is asked about, not an end. */
  look?: 'danger' | 'primary';
  onConfirm: () => Promise<unknown>;
}

/** Asks before something that cannot be taken back; a failure stays in the dialog. */
export function Confirm({
  open,
  onOpenChange,
  title,
  children,
  action,
  cancel = 'Cancel',
  busyText,
  look = 'danger',
  onConfirm,
}: ConfirmProps) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const run = async () => {
    setBusy(true);
    setError(null);
    try {
      await onConfirm();
      onOpenChange(false);
    } catch (caught) {
      setError(caught);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => {
        setError(null);
        onOpenChange(next);
      }}
      title={title}
    >
      <div className="space-y-4">
        <div className="text-sm text-muted">{children}</div>
        {error !== null && <Problem error={error} title="That did not work" />}
        <div className="flex justify-end gap-2">
          <Button
            onClick={() => {
              onOpenChange(false);
            }}
          >
            {cancel}
          </Button>
          <Button look={look} busy={busy && busyText} after={error} onClick={() => void run()}>
            {action}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

/** Asked wherever something unsaved would be left. */
export function LeaveQuestion({ onLeave, onStay }: { onLeave: () => void; onStay: () => void }) {
  return (
    <Confirm
      open
      onOpenChange={onStay}
      title="Leave without saving?"
      action="Leave"
      cancel="Stay"
      busyText="Leaving …"
      onConfirm={() => {
        onLeave();
        return Promise.resolve();
      }}
    >
      What you typed stays in this tab until you come back, sign out or close it; passwords, keys and chosen files do
      not.
    </Confirm>
  );
}
