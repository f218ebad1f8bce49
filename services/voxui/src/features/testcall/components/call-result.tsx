import { Badge } from '@/components/badge';
import { ServiceFailures } from '@/components/service-failures';
import type { CallRecord } from '@/generated';
import { milliseconds } from '@/lib/format';

interface CallResultProps {
  call: CallRecord;
  /** Who spoke with the bot. */
  customer: 'You' | 'Customer';
}

/** How a test call went: what failed, its disposition, how fast the bot was, and what was said. */
export function CallResult({ call, customer }: CallResultProps) {
  const transcript = call.transcript ?? [];
  return (
    <div className="rounded-xl border border-line">
      <div className="space-y-2 p-3 pb-0 empty:hidden">
        <ServiceFailures events={call.events} />
      </div>
      <div className="flex flex-wrap items-center gap-2 border-b border-line px-4 py-2.5">
        {call.disposition && <Badge tone="brand">{call.disposition}</Badge>}
        <span className="num text-xs text-muted">
          {call.latency?.turns
            ? `${milliseconds(call.latency.total_avg_response_ms)} average response`
            : 'No turn was measured'}
        </span>
      </div>
      <ol
        // A keyboard must be able to scroll a long list.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        aria-label="Transcript of the test call"
        className="max-h-72 space-y-2 overflow-y-auto p-4"
      >
        {transcript
          .filter((line) => line.role !== 'tool')
          .map((line, at) => (
            <li key={at} className="grid grid-cols-[4.5rem_1fr] gap-2">
              <span
                className={`text-xs leading-5 font-medium ${line.role === 'user' ? 'text-info' : 'text-brand-text'}`}
              >
                {line.role === 'user' ? customer : 'Bot'}
              </span>
              <span className="break-words">{String(line.content)}</span>
            </li>
          ))}
        {transcript.length === 0 && <li className="text-muted">Nobody said anything.</li>}
      </ol>
    </div>
  );
}
