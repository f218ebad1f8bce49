import { bytes } from '@/lib/format';
import type { Progress } from '@/lib/progress';

import { Button } from './button';

interface UploadProgressProps {
  progress: Progress;
  /** What is sent, for people who hear it. */
  label: string;
  onCancel: () => void;
}

/** How far a file is. Once the server has all of it, it reads it to the end: nothing can be cancelled any more. */
export function UploadProgress({ progress, label, onCancel }: UploadProgressProps) {
  const total = Math.max(1, progress.total ?? 0);
  const isSent = progress.bytes >= total;
  const percent = Math.floor((progress.bytes / total) * 100);
  return (
    <div className="space-y-2">
      <div
        role="progressbar"
        aria-label={label}
        aria-valuenow={percent}
        aria-valuemin={0}
        aria-valuemax={100}
        className="h-2 overflow-hidden rounded-full bg-sunken"
      >
        <div className="h-full rounded-full bg-brand" style={{ width: `${percent}%` }} />
      </div>
      <div className="flex min-h-9 items-center justify-between gap-3 text-sm">
        <span className="num text-muted">
          {isSent
            ? `All ${bytes(total)} are sent. The rows are being checked …`
            : `${percent} %, ${bytes(progress.bytes)} of ${bytes(total)}`}
        </span>
        {!isSent && <Button onClick={onCancel}>Cancel upload</Button>}
      </div>
    </div>
  );
}
