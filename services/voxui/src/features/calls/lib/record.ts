/** The parts of a stored call that this console draws. Records are shown as they are stored: every field may be absent. */
import type { CallRecord } from '@/generated';

export interface Line {
  turn: number;
  role: string;
  content: string;
  toolName: string;
  startMs: number;
  endMs: number;
  interrupted: boolean;
}

export interface CallEvent {
  type: string;
  offsetMs: number;
  data: Record<string, unknown>;
}

const text = (value: unknown) =>
  typeof value === 'string' ? value : value === null || value === undefined ? '' : JSON.stringify(value);
const number = (value: unknown) => (typeof value === 'number' && Number.isFinite(value) ? value : 0);
const record = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};

export function lines(call: Pick<CallRecord, 'transcript'>): Line[] {
  return (call.transcript ?? [])
    .map((entry) => ({
      turn: number(entry.turn),
      role: text(entry.role),
      content: text(entry.content),
      toolName: text(entry.tool_name),
      startMs: number(entry.start_ms),
      endMs: number(entry.end_ms),
      interrupted: entry.interrupted === true,
    }))
    .sort((a, b) => a.startMs - b.startMs);
}

export function events(call: Pick<CallRecord, 'events'>): CallEvent[] {
  return (call.events ?? []).map((entry) => ({
    type: text(entry.type),
    offsetMs: number(entry.offset_ms),
    data: record(entry.data),
  }));
}

/** Types of events with how often each came, in the order in which they first came. */
export function eventTypes(all: CallEvent[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const { type } of all) counts.set(type, (counts.get(type) ?? 0) + 1);
  return [...counts];
}

/** The line that is spoken at a moment: the last one that has begun; -1 before the first. Tools are not spoken. */
export function lineAt(all: Line[], ms: number): number {
  let found = -1;
  all.forEach((line, position) => {
    if (line.role !== 'tool' && line.startMs <= ms) found = position;
  });
  return found;
}

export interface ToolUse {
  name: string;
  arguments: unknown;
  answer: string;
  offsetMs: number;
  durationMs: number | null;
  status: string;
}

/** Each tool call with its answer: the event of a tool that called out, else the line of the transcript. */
export function toolUses(all: CallEvent[], transcript: Line[]): ToolUse[] {
  const idOf = (event: CallEvent) => text(event.data.tool_call_id);
  const results = new Map(
    all.filter((event) => event.type === 'custom_tool_result').map((event) => [idOf(event), event]),
  );
  const said = transcript.filter((line) => line.role === 'tool');
  return all
    .filter((event) => event.type === 'tool_call')
    .map((event) => {
      const name = text(event.data.tool);
      const result = results.get(idOf(event))?.data;
      const position = said.findIndex((line) => line.toolName === name && line.endMs >= event.offsetMs);
      const line = position < 0 ? undefined : said.splice(position, 1)[0];
      const measured = result?.duration_ms ?? result?.ms;
      return {
        name,
        arguments: event.data.arguments ?? {},
        answer: line?.content ?? (result ? JSON.stringify(result) : ''),
        offsetMs: event.offsetMs,
        durationMs: typeof measured === 'number' ? measured : line ? line.endMs - event.offsetMs : null,
        status: text(result?.status),
      };
    });
}

export interface Mark {
  atMs: number;
  kind: 'barge_in' | 'tool' | 'transfer' | 'error';
  label: string;
}

/** What is worth a mark on the recording. */
export function marks(all: CallEvent[]): Mark[] {
  return all.flatMap((event): Mark[] => {
    const at = { atMs: event.offsetMs };
    if (event.type === 'interruption') return [{ ...at, kind: 'barge_in', label: 'Customer interrupts' }];
    if (event.type === 'tool_call') return [{ ...at, kind: 'tool', label: `Tool ${text(event.data.tool)}` }];
    if (event.type.startsWith('transfer')) return [{ ...at, kind: 'transfer', label: event.type.replaceAll('_', ' ') }];
    if (event.type === 'service_error' || event.type === 'worker_crashed')
      return [{ ...at, kind: 'error', label: event.type.replaceAll('_', ' ') }];
    return [];
  });
}
