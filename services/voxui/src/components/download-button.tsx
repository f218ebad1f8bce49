import { useState } from 'react';

import { bytes, percent } from '@/lib/format';
import type { Progress, Tell } from '@/lib/progress';

import { Button } from './button';
import { Failed } from './states';

interface DownloadButtonProps {
  /** Fetches and saves the file, and tells what has come; throws with a message for people. */
  run: (tell: Tell) => Promise<unknown>;
  label?: string;
}

/** Exports what a screen shows. Why it failed stands beside it. */
export function DownloadButton({ run, label = 'Export CSV' }: DownloadButtonProps) {
  const [busy, setBusy] = useState(false);
  const [progress, setProgress] = useState<Progress | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  const start = async () => {
    setProblem(null);
    setBusy(true);
    try {
      await run(setProgress);
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
      setProgress(null);
    }
  };
  return (
    <div className="flex flex-wrap items-center justify-end gap-2">
      <Failed error={problem} tone="warn" />
      {progress && (
        <span className="num text-sm text-muted">
          {progress.total !== null && `${percent(progress.bytes / progress.total)}, `}
          {bytes(progress.bytes)}
        </span>
      )}
      <Button icon="download" busy={busy && 'Exporting …'} after={problem} onClick={() => void start()}>
        {label}
      </Button>
    </div>
  );
}
