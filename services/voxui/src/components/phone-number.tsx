import { phone } from '@/lib/format';

import { CopyButton } from './copy';

/** A number of a list: spaced for reading, copied as it is. */
export function PhoneNumber({ value }: { value: string }) {
  return (
    <span className="inline-flex items-center gap-1 font-medium">
      <span className="num">{phone(value)}</span>
      <CopyButton value={value} what="number" />
    </span>
  );
}
