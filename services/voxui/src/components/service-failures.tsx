import type { CallRecord } from '@/generated';
import { words } from '@/lib/format';

import { Notice } from './states';

const STAGE: Record<string, string> = { stt: 'Speech recognition', llm: 'Language model', tts: 'Voice' };
const ACTION: Record<string, string> = {
  retry: 'It was asked again.',
  fallback: 'Another one took over.',
  give_up: 'Nothing else could take over, so the call was ended.',
};

/** Services that failed during a call: which, what they said, and what the worker did then. */
export function ServiceFailures({ events }: { events: CallRecord['events'] }) {
  return (events ?? [])
    .filter(({ type }) => type === 'service_error')
    .map((event, position) => {
      const data = typeof event.data === 'object' && event.data !== null ? (event.data as Record<string, unknown>) : {};
      const read = (key: string) => (typeof data[key] === 'string' ? data[key] : '');
      const [stage, action] = [read('stage'), read('action')];
      return (
        <Notice key={position} tone="bad">
          {STAGE[stage] ?? words(stage || 'a service')} failed{read('provider') && ` (${read('provider')})`}
          {read('message') ? `: ${read('message').replace(/[.\s]+$/, '')}.` : '.'}{' '}
          {action && (ACTION[action] ?? `${words(action)}.`)}
        </Notice>
      );
    });
}
