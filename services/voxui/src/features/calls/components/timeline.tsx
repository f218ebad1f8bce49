import { Select } from '@/components/field';
import { readable } from '@/lib/format';
import { useInParts } from '@/lib/hooks';

import { eventText } from '../lib/labels';
import { eventTypes, type CallEvent } from '../lib/record';

export interface EventFilter {
  /** Absent: all events. */
  type: string | undefined;
  onType: (type: string | undefined) => void;
}

/** More than its box holds. */
const FIRST = 40;

/** What happened in a call, moment by moment; of one type when somebody looks for that. */
export function Timeline({ events, filter: { type, onType } }: { events: CallEvent[]; filter: EventFilter }) {
  const known = useInParts(events, FIRST);
  if (events.length === 0) return <p className="text-sm text-muted">No events came with this call.</p>;
  const types = eventTypes(events);
  // A link may name a type that another call had.
  const only = types.some(([one]) => one === type) ? type : undefined;
  return (
    <div className="space-y-3">
      {types.length > 1 && (
        <Select
          aria-label="Type of event"
          className="w-auto!"
          value={only ?? ''}
          onChange={(event) => {
            onType(event.target.value || undefined);
          }}
        >
          <option value="">All events</option>
          {types.map(([one, count]) => (
            <option key={one} value={one}>
              {eventText(one)} ({count})
            </option>
          ))}
        </Select>
      )}
      {/* A keyboard must be able to scroll a long list. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <ol tabIndex={0} aria-label="Events" className="max-h-112 space-y-1 overflow-y-auto">
        {known
          .filter((event) => only === undefined || event.type === only)
          .map((event, position) => (
            <li
              key={position}
              className="flex [contain-intrinsic-size:auto_1.25rem] [content-visibility:auto] flex-wrap items-baseline gap-x-3 text-sm"
            >
              <span className="num w-14 shrink-0 text-right text-xs text-muted">
                {(event.offsetMs / 1_000).toFixed(2)} s
              </span>
              <span>{eventText(event.type)}</span>
              {Object.keys(event.data).length > 0 && (
                <span className="num min-w-0 text-xs break-words text-muted">{readable(event.data)}</span>
              )}
            </li>
          ))}
      </ol>
    </div>
  );
}
