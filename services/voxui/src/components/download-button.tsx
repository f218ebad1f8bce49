import { useState } from 'react';

import { Button } from './button';
import { Failed } from './states';

interface DownloadButtonProps {
  /** Fetches and saves the file; throws with a message for people. */
  run: () => Promise<unknown>;
  label?: string;
}

/** Exports what a screen shows. Why it failed stands beside it. */
export function DownloadButton({ run, label = 'Export CSV' }: DownloadButtonProps) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const start = async () => {
    setProblem(null);
    setBusy(true);
    try {
      await run();
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="flex flex-wrap items-center justify-end gap-2">
      <Failed error={problem} tone="warn" />
      <Button icon="download" busy={busy && 'Exporting …'} after={problem} onClick={() => void start()}>
        {label}
      </Button>
    </div>
  );
}
