import { createContext, useCallback, useContext, useMemo, useRef, useState, type ReactNode } from 'react';

import { IconButton } from './button';
import { Icon } from './icons';

const ToastContext = createContext<(message: string) => void>(() => undefined);

/** Says that something went well. Failures stay on the page instead, where they were caused. */
export const useToast = () => useContext(ToastContext);

const SHOWN_MS = 5_000;

export function ToastProvider({ children }: { children: ReactNode }) {
  const [toasts, setToasts] = useState<{ id: number; message: string }[]>([]);
  const next = useRef(0);
  const close = useCallback((id: number) => {
    setToasts((all) => all.filter((toast) => toast.id !== id));
  }, []);
  const show = useCallback(
    (message: string) => {
      next.current += 1;
      const id = next.current;
      setToasts((all) => [...all.slice(-2), { id, message }]);
      setTimeout(() => {
        close(id);
      }, SHOWN_MS);
    },
    [close],
  );
  const list = useMemo(
    () =>
      toasts.map((toast) => (
        <div
          key={toast.id}
          className="appear pointer-events-auto flex items-center gap-2 rounded-lg border border-line bg-raised py-1.5 pr-1.5 pl-3 shadow-raised"
        >
          <Icon name="check" className="size-4 text-ok" />
          <span className="text-sm">{toast.message}</span>
          <IconButton
            icon="close"
            label="Close message"
            onClick={() => {
              close(toast.id);
            }}
          />
        </div>
      )),
    [toasts, close],
  );
  return (
    <ToastContext value={show}>
      {children}
      <div
        role="status"
        aria-live="polite"
        className="pointer-events-none fixed inset-x-4 bottom-4 z-50 flex flex-col items-center gap-2 sm:items-end"
      >
        {list}
      </div>
    </ToastContext>
  );
}
