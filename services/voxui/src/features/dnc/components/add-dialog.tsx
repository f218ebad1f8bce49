import { NumbersDialog } from '@/components/numbers-dialog';
import type { DncAdded } from '@/generated';
import { endOfDay } from '@/lib/days';
import { plural } from '@/lib/format';
import { useZone } from '@/lib/hooks';

import { useDncChanges } from '../api/dnc';

export function AddDialog({ onClose }: { onClose: () => void }) {
  const zone = useZone();
  const { add } = useDncChanges();
  return (
    <NumbersDialog
      name="dnc"
      title="Add numbers"
      hint="Nobody of them is called again; contacts that wait become excluded within seconds."
      action="Add"
      busy="Adding …"
      failed="Nothing was added"
      reasonExample="Asked by letter"
      tooMany="Upload them as a CSV file instead."
      untilHint="Empty: for ever. After this day the numbers may be called again."
      onSend={({ numbers, reason, until }) =>
        add({
          phone_numbers: numbers,
          reason,
          expires_at: until ? new Date(endOfDay(until, zone)).toISOString() : null,
        })
      }
      summary={summary}
      onClose={onClose}
    />
  );
}

const summary = ({ added, existing }: DncAdded) =>
  `${plural(added, 'number')} added` + (existing > 0 ? `, ${existing.toLocaleString('en')} stood there already` : '');
