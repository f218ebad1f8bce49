import { Notice, Reason } from '@/components/states';

import type { Trouble } from '../lib/problems';

/** What went wrong with a test call, and what to do about it. */
export function TroubleNotice({ trouble }: { trouble: Trouble }) {
  return (
    <Notice tone="bad">
      <p className="font-medium">{trouble.title}</p>
      <p>{trouble.error ? <Reason error={trouble.error} /> : trouble.text}</p>
    </Notice>
  );
}
