import { Input, Select } from '@/components/field';

import { askedOf, type OverviewSearch } from '../lib/range';

interface RangeBarProps {
  search: OverviewSearch;
  onSearch: (search: OverviewSearch) => void;
  bots: { id: string; name: string }[];
  campaigns: { id: string; name: string }[];
  zone: string;
  now: number;
}

/** Which calls the figures are of. */
export function RangeBar({ search, onSearch, bots, campaigns, zone, now }: RangeBarProps) {
  const change = (changed: OverviewSearch) => {
    onSearch({ ...search, ...changed });
  };
  const asked = askedOf(search, zone, now);
  const days = typeof asked === 'string' ? { from: search.from ?? '', to: search.to ?? '' } : asked;
  return (
    <div className="flex flex-wrap items-center gap-2">
      <Select
        aria-label="Range"
        className="w-auto!"
        value={search.range ?? 'today'}
        onChange={(event) => {
          const range = event.target.value;
          if (range === 'custom') change({ range, from: days.from, to: days.to });
          else change({ range: range === '7d' || range === '30d' ? range : undefined, from: undefined, to: undefined });
        }}
      >
        <option value="today">Today</option>
        <option value="7d">Last 7 days</option>
        <option value="30d">Last 30 days</option>
        <option value="custom">From … to …</option>
      </Select>
      {search.range === 'custom' && (
        <>
          <Input
            type="date"
            aria-label="First day"
            className="w-auto!"
            value={days.from}
            onChange={(event) => {
              change({ from: event.target.value || undefined });
            }}
          />
          <Input
            type="date"
            aria-label="Last day"
            className="w-auto!"
            value={days.to}
            onChange={(event) => {
              change({ to: event.target.value || undefined });
            }}
          />
        </>
      )}
      <Choice
        label="Bot"
        all="All bots"
        value={search.bot_id}
        options={bots}
        onChange={(bot_id) => {
          change({ bot_id });
        }}
      />
      <Choice
        label="Campaign"
        all="All campaigns"
        value={search.campaign_id}
        options={campaigns}
        onChange={(campaign_id) => {
          change({ campaign_id });
        }}
      />
      {typeof asked === 'string' && (
        <p role="alert" className="text-sm text-bad">
          {asked}
        </p>
      )}
    </div>
  );
}

interface ChoiceProps {
  label: string;
  all: string;
  value: string | undefined;
  options: { id: string; name: string }[];
  onChange: (value: string | undefined) => void;
}

function Choice({ label, all, value, options, onChange }: ChoiceProps) {
  if (options.length === 0 && !value) return null;
  return (
    <Select
      aria-label={label}
      className="w-auto! max-w-56"
      value={value ?? ''}
      onChange={(event) => {
        onChange(event.target.value || undefined);
      }}
    >
      <option value="">{all}</option>
      {value && !options.some((option) => option.id === value) && <option value={value}>{value}</option>}
      {options.map((option) => (
        <option key={option.id} value={option.id}>
          {option.name}
        </option>
      ))}
    </Select>
  );
}
