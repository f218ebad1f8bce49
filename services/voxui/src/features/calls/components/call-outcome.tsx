import { Panel } from '@/components/card';
import { ServiceFailures } from '@/components/service-failures';
import { Notice } from '@/components/states';
import { readable, words } from '@/lib/format';
import type { CallRecord } from '@/generated';

/** What the reader must know before the rest: transfers, failures of providers, what is missing. */
export function CallBanners({ call }: { call: CallRecord }) {
  return (
    <div className="mb-4 space-y-2 empty:hidden">
      {call.was_transferred && (
        <Notice tone="ok">Transferred to {call.transfer_destination ?? call.transfer_target ?? 'a colleague'}.</Notice>
      )}
      {call.transfer_failed_reason && (
        <Notice tone="warn">The transfer failed: {words(call.transfer_failed_reason)}.</Notice>
      )}
      <ServiceFailures events={call.events} />
      {call.error === 'no_result' && (
        <Notice tone="bad">No result of this call came. It was closed after the longest time a call may take.</Notice>
      )}
      {call.skeleton_missing && (
        <Notice tone="warn">
          The call was refused before it began; this record is made from the worker’s result alone.
        </Notice>
      )}
      {(call.truncated_fields ?? []).length > 0 && (
        <Notice tone="warn">
          Cut to fit the largest size of a record: {(call.truncated_fields ?? []).join(', ')}.
        </Notice>
      )}
    </div>
  );
}

const score = (value: unknown) => (typeof value === 'number' ? value : null);

/** What the two passes after the call found. */
export function Outcome({ call }: { call: CallRecord }) {
  const analysis = Object.entries(call.post_call_analysis ?? {});
  const qc = Object.entries(call.qc_analysis ?? {});
  const remarks = qc.filter(([, value]) => typeof value === 'string');
  if (analysis.length === 0 && qc.length === 0) {
    return (
      <Panel title="Outcome">
        <p className="text-muted">
          {call.status === 'in_progress'
            ? 'The outcome comes after the call.'
            : 'No analysis: the bot has no analysis prompt, or the call was too short for one.'}
        </p>
      </Panel>
    );
  }
  return (
    <Panel title="Outcome">
      <dl className="space-y-2.5">
        {analysis.map(([name, value]) => (
          <div key={name}>
            <dt className="text-xs text-muted">{words(name.toLowerCase())}</dt>
            <dd className={`break-words ${name === 'DISPOSITION' ? 'font-medium' : ''}`}>{readable(value)}</dd>
          </div>
        ))}
      </dl>
      {qc.length > 0 && (
        <div className="mt-4 border-t border-line pt-4">
          <h3 className="mb-2 text-xs font-semibold">Quality</h3>
          <ul className="space-y-2">
            {qc.map(([name, value]) => {
              const points = score(value);
              return points === null ? null : (
                <li key={name} className="grid grid-cols-[7rem_1fr_2rem] items-center gap-3 text-[0.8125rem]">
                  <span className="truncate text-muted">{words(name.replace(/_score$/, ''))}</span>
                  <span className="h-1.5 overflow-hidden rounded-full bg-line" aria-hidden="true">
                    <span
                      className="block h-full rounded-full bg-brand"
                      style={{ width: `${Math.min(100, points * 10)}%` }}
                    />
                  </span>
                  <span className="num text-right">{points}</span>
                </li>
              );
            })}
          </ul>
          {remarks.map(([name, value]) => (
            <p key={name} className="mt-3 text-[0.8125rem] break-words text-muted">
              {String(value)}
            </p>
          ))}
        </div>
      )}
    </Panel>
  );
}
