import { useState } from 'react';

import { bytes, percent } from '@/lib/format';
import type { Progress, Tell } from '@/lib/progress';

import { Button } from './button';
import type { IconName } from './icons';
import { Failed } from './states';

interface DownloadButtonProps {
  /** Fetches and saves the file, and tells what has come; throws with a message for people. */
  run: (tell: Tell) => Promise<unknown>;
  label?: string;
  icon?: IconName;
  /** What it says while it works. */
  busyText?: string;
}

/** Saves what a screen shows as a file. Why it failed stands beside it. */
export function DownloadButton(props: DownloadButtonProps) {
  const { run, label = 'Export CSV', icon = 'download', busyText = 'Exporting …' } = props;
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
      <Button icon={icon} busy={busy && busyText} after={problem} onClick={() => void start()}>
        {label}
      </Button>
    </div>
  );
}
