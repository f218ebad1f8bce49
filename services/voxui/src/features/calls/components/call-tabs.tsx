import type { ReactNode } from 'react';

import { Badge } from '@/components/badge';
import { CodeBlock } from '@/components/copy';
import type { Tab } from '@/components/tabs';
import { duration, milliseconds, readable, words } from '@/lib/format';
import type { CallRecord } from '@/generated';

import { toolUses, type CallEvent, type Line } from '../lib/record';
import { Timeline, type EventFilter } from './timeline';

const json = (value: unknown) => JSON.stringify(value, null, 2);
/** Written out when its tab is opened: a long call has a megabyte of it. */
const Json = ({ what, value }: { what: string; value: unknown }) => <CodeBlock what={what} value={json(value)} />;
const Nothing = ({ children }: { children: ReactNode }) => <p className="text-sm text-muted">{children}</p>;

/** Everything of a call besides what was said: only tabs that hold something. */
export function callTabs(call: CallRecord, events: CallEvent[], lines: Line[], filter: EventFilter): Tab[] {
  const tools = toolUses(events, lines);
  const tabs: Tab[] = [
    { key: 'events', label: 'Events', count: events.length, content: <Timeline events={events} filter={filter} /> },
    { key: 'tools', label: 'Tools', count: tools.length, content: <Tools tools={tools} /> },
  ];
  if (call.usage_metrics) tabs.push({ key: 'usage', label: 'Usage', content: <Usage usage={call.usage_metrics} /> });
  if ((call.integration_log ?? []).length > 0) {
    tabs.push({
      key: 'integration',
      label: 'Integrations',
      content: <Json what="integration log" value={call.integration_log} />,
    });
  }
  if (call.cdr) tabs.push({ key: 'cdr', label: 'CDR', content: <Json what="call detail record" value={call.cdr} /> });
  if (call.crm_data && Object.keys(call.crm_data).length > 0) {
    tabs.push({ key: 'variables', label: 'Variables', content: <Variables data={call.crm_data} /> });
  }
  if (call.pipeline_config) {
    tabs.push({
      key: 'config',
      label: 'Configuration',
      content: <Json what="configuration of this call" value={call.pipeline_config} />,
    });
  }
  tabs.push({ key: 'raw', label: 'Raw JSON', content: <Json what="record" value={withoutTokens(call)} /> });
  return tabs;
}

/** A token that opens the recording without a sign-in is nothing to copy around. */
const withoutTokens = (call: CallRecord) =>
  Object.fromEntries(Object.entries(call).filter(([key]) => key !== 'recording_access_token'));

function Tools({ tools }: { tools: ReturnType<typeof toolUses> }) {
  if (tools.length === 0) return <Nothing>The bot used no tool in this call.</Nothing>;
  return (
    <ul className="space-y-3">
      {tools.map((tool, position) => (
        <li key={position} className="rounded-lg border border-line p-3">
          <p className="flex flex-wrap items-center gap-2">
            <span className="font-mono text-sm font-medium">{tool.name}</span>
            {tool.status && <Badge tone={tool.status === 'success' ? 'ok' : 'warn'}>{words(tool.status)}</Badge>}
            <span className="num ml-auto text-xs text-muted">
              at {duration(tool.offsetMs / 1_000)}
              {tool.durationMs !== null && tool.durationMs > 0 ? `, took ${milliseconds(tool.durationMs)}` : ''}
            </span>
          </p>
          <div className="mt-2 grid gap-2 lg:grid-cols-2">
            <div className="min-w-0">
              <p className="mb-1 text-xs text-muted">Asked with</p>
              <Json what="arguments" value={tool.arguments} />
            </div>
            {tool.answer && (
              <div className="min-w-0">
                <p className="mb-1 text-xs text-muted">Answered</p>
                <CodeBlock what="answer" value={pretty(tool.answer)} />
              </div>
            )}
          </div>
        </li>
      ))}
    </ul>
  );
}

function pretty(text: string): string {
  try {
    return json(JSON.parse(text));
  } catch {
    return text; // a tool may answer plain text
  }
}

/** Counts as they came: tokens, characters, seconds; money is nobody's guess. */
function Usage({ usage }: { usage: Record<string, unknown> }) {
  const parts = Object.entries(usage).filter(([, value]) => typeof value === 'object' && value !== null);
  return (
    <div className="grid gap-3 sm:grid-cols-2 xl:grid-cols-3">
      {parts.map(([part, values]) => (
        <div key={part} className="rounded-lg border border-line p-3">
          <p className="mb-2 text-xs font-semibold">{USAGE_LABEL[part] ?? words(part)}</p>
          <dl className="space-y-1 text-[0.8125rem]">
            {Object.entries(values as Record<string, unknown>).map(([name, value]) => (
              <div key={name} className="flex justify-between gap-3">
                <dt className="text-muted">{words(name)}</dt>
                <dd className="num text-right break-words">{readable(value)}</dd>
              </div>
            ))}
          </dl>
        </div>
      ))}
    </div>
  );
}

const USAGE_LABEL: Record<string, string> = {
  stt: 'Speech to text',
  llm: 'Language model, in the call',
  tts: 'Text to speech',
  post_call: 'Analysis after the call',
  qc: 'Quality check after the call',
};

function Variables({ data }: { data: Record<string, unknown> }) {
  return (
    <dl className="grid gap-x-6 gap-y-2 sm:grid-cols-2">
      {Object.entries(data).map(([name, value]) => (
        <div key={name} className="flex min-w-0 justify-between gap-3 border-b border-line pb-1.5">
          <dt className="font-mono text-xs text-muted">{name}</dt>
          <dd className="min-w-0 text-right text-[0.8125rem] break-words">{readable(value)}</dd>
        </div>
      ))}
    </dl>
  );
}
