import { useState, type ReactNode } from 'react';

import { Button } from '@/components/button';
import { Input, Select } from '@/components/field';
import { RangeFilter } from '@/components/range-filter';

import { withChosen, type CampaignName } from '../lib/campaigns';
import { filterCount, type CallSearch } from '../lib/filters';
import { ENDINGS, STATUSES, TRANSPORTS } from '../lib/labels';

interface FiltersProps {
  search: CallSearch;
  onChange: (change: Partial<CallSearch>) => void;
  onClear: () => void;
  bots: { bot_id: string; name: string }[];
  campaigns: CampaignName[];
  /** A list inside a bot's page: that filter is fixed. */
  fixedBot?: boolean;
  /** What stands at the right end of the first row. */
  extra?: ReactNode;
}

interface Choice {
  value: string;
  label: string;
}

export function CallFilters({ search, onChange, onClear, bots, campaigns, fixedBot = false, extra }: FiltersProps) {
  const [more, setMore] = useState(() => hasRare(search));
  const pick = (key: keyof CallSearch, label: string, all: string, choices: Choice[]) => (
    <Select
      aria-label={label}
      value={String(search[key] ?? '')}
      className="w-auto! max-w-44 min-w-28 grow sm:grow-0"
      onChange={(event) => {
        onChange({ [key]: event.target.value || undefined });
      }}
    >
      <option value="">{all}</option>
      {choices.map((choice) => (
        <option key={choice.value} value={choice.value}>
          {choice.label}
        </option>
      ))}
    </Select>
  );
  const count = filterCount(search) - (fixedBot ? 1 : 0);
  return (
    <div className="space-y-3 border-b border-line p-3">
      <div className="flex flex-wrap items-center gap-2">
        <Typed
          label="Last digits of the customer's number"
          placeholder="Last digits"
          value={search.phone}
          fits={(value) => value.replace(/\D/g, '').length >= 4}
          hint="At least 4 digits"
          onSet={(phone) => {
            onChange({ phone: phone?.replace(/\D/g, '') });
          }}
        />
        <RangeFilter
          all="All time"
          search={search}
          onChange={({ range, from, to }) => {
            onChange({ range, from, to });
          }}
        />
        {!fixedBot &&
          pick(
            'bot_id',
            'Bot',
            'All bots',
            bots.map((bot) => ({ value: bot.bot_id, label: bot.name })),
          )}
        {(campaigns.length > 0 || search.campaign_id) &&
          pick('campaign_id', 'Campaign', 'All campaigns', withChosen(campaigns, search.campaign_id))}
        {pick('status', 'Status', 'All states', STATUSES)}
        <Button
          look="quiet"
          icon="filter"
          aria-expanded={more}
          onClick={() => {
            setMore(!more);
          }}
        >
          {more ? 'Fewer filters' : 'More filters'}
        </Button>
        {count > 0 && (
          <Button look="quiet" icon="close" onClick={onClear}>
            Clear {count}
          </Button>
        )}
        {extra}
      </div>
      {more && (
        <Row>
          {pick('direction', 'Direction', 'Both directions', [
            { value: 'incoming', label: 'Incoming' },
            { value: 'outgoing', label: 'Outgoing' },
          ])}
          {pick('disconnected_by', 'Ended by', 'Ended by anyone', ENDINGS)}
          {pick('transport', 'Transport', 'All transports', TRANSPORTS)}
          {pick('transferred', 'Transferred', 'Transferred or not', [
            { value: 'true', label: 'Transferred' },
            { value: 'false', label: 'Not transferred' },
          ])}
          <Typed
            label="Outcome"
            placeholder="Outcome"
            value={search.disposition}
            onSet={(disposition) => onChange({ disposition })}
          />
          <Typed
            label="Our number"
            placeholder="Our number"
            value={search.number}
            onSet={(number) => onChange({ number })}
          />
          <Typed label="Call id" placeholder="Call id" value={search.call} onSet={(call) => onChange({ call })} />
          <Seconds
            label="Shortest, seconds"
            value={search.min_duration}
            onSet={(min_duration) => onChange({ min_duration })}
          />
          <Seconds
            label="Longest, seconds"
            value={search.max_duration}
            onSet={(max_duration) => onChange({ max_duration })}
          />
        </Row>
      )}
    </div>
  );
}

const hasRare = (search: CallSearch) =>
  [search.direction, search.disconnected_by, search.transport, search.transferred, search.disposition, search.number,
    search.call, search.min_duration, search.max_duration].some((value) => value !== undefined); // prettier-ignore

const Row = ({ children }: { children: ReactNode }) => <div className="flex flex-wrap items-end gap-2">{children}</div>;

interface TypedProps {
  label: string;
  placeholder: string;
  value: string | undefined;
  fits?: (value: string) => boolean;
  hint?: string;
  onSet: (value: string | undefined) => void;
}

/** Counts on Enter or on leaving: a half typed value asks for nothing. */
function Typed({ label, placeholder, value, fits, hint, onSet }: TypedProps) {
  const [draft, setDraft] = useState(value ?? '');
  const [shown, setShown] = useState(value);
  if (shown !== value) {
    // The address changed elsewhere, for example by "Clear".
    setShown(value);
    setDraft(value ?? '');
  }
  const wrong = draft !== '' && fits !== undefined && !fits(draft);
  const commit = () => {
    const next = draft.trim() || undefined;
    if (!wrong && next !== value) onSet(next);
  };
  return (
    <Input
      type="search"
      aria-label={label}
      placeholder={placeholder}
      title={wrong ? hint : undefined}
      aria-invalid={wrong}
      value={draft}
      className="w-40! grow sm:grow-0"
      onChange={(event) => {
        setDraft(event.target.value);
        if (event.target.value === '' && value) onSet(undefined);
      }}
      onBlur={commit}
      onKeyDown={(event) => {
        if (event.key === 'Enter') commit();
      }}
    />
  );
}

function Seconds({
  label,
  value,
  onSet,
}: {
  label: string;
  value: number | undefined;
  onSet: (value: number | undefined) => void;
}) {
  return (
    <Input
      key={value}
      type="number"
      min={0}
      aria-label={label}
      placeholder={label}
      defaultValue={value ?? ''}
      className="w-40! grow sm:grow-0"
      onBlur={(event) => {
        const next = event.target.value === '' ? undefined : Math.max(0, Number(event.target.value));
        if (next !== value) onSet(next);
      }}
    />
  );
}
