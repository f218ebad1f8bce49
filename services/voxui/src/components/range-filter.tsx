import type { DayRange } from '@/lib/days';

import { Input, Select } from './field';

interface RangeFilterProps {
  /** What no range means: "All time". */
  all: string;
  search: DayRange;
  onChange: (range: DayRange) => void;
}

/** Which days a list is of: some up to today, or chosen ones. */
export function RangeFilter({ all, search, onChange }: RangeFilterProps) {
  return (
    <>
      <Select
        aria-label="Time range"
        value={search.range ?? ''}
        className="w-auto! max-w-48 min-w-28 grow sm:grow-0"
        onChange={(event) => {
          onChange({ range: (event.target.value || undefined) as DayRange['range'], from: undefined, to: undefined });
        }}
      >
        <option value="">{all}</option>
        <option value="today">Today</option>
        <option value="7d">Last 7 days</option>
        <option value="30d">Last 30 days</option>
        <option value="custom">Choose days …</option>
      </Select>
      {search.range === 'custom' &&
        (['from', 'to'] as const).map((side) => (
          <Input
            key={side}
            type="date"
            aria-label={side === 'from' ? 'First day' : 'Last day'}
            value={search[side] ?? ''}
            className="w-auto! grow sm:grow-0"
            onChange={(event) => {
              onChange({ ...search, [side]: event.target.value || undefined });
            }}
          />
        ))}
    </>
  );
}
