import type { ReactNode } from 'react';

import { Badge, Chip } from '@/components/badge';
import { Facts, Panel } from '@/components/card';
import { DASH, duration, plural } from '@/lib/format';
import type { Bot } from '@/generated';

import { BUILTIN, STAGE_KEYS } from '../lib/form';
import { providerLabel, STAGE_TITLE } from '../lib/providers';
import { Tokens } from './prompt-field';

/** Everything of a bot to read. */
export function BotDetails({ bot }: { bot: Bot }) {
  const hours = bot.active_hours;
  const silence = bot.re_engagement;
  const tools = bot.custom_tools ?? [];
  const targets = bot.transfer_targets ?? [];
  const builtin = BUILTIN.filter((name) => bot.builtin_tools?.[name]?.enabled);
  return (
    <div className="grid gap-4 xl:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
      <div className="min-w-0 space-y-4">
        <Panel title="Opening message">
          <p className="break-words">
            {bot.opening_message || <span className="text-muted">None: the bot waits for the customer.</span>}
          </p>
        </Panel>
        <Panel title="Instructions">
          <Prompt text={bot.system_prompt} />
          {bot.dynamic_prompt && (
            <>
              <h3 className="mt-5 mb-1 text-xs font-semibold text-muted">In each call</h3>
              <Prompt text={bot.dynamic_prompt} />
            </>
          )}
          <Tokens texts={[bot.opening_message, bot.system_prompt, bot.dynamic_prompt ?? '']} />
        </Panel>
        {(bot.post_call_analysis_prompt ?? bot.qc_prompt) && (
          <Panel title="After the call">
            {bot.post_call_analysis_prompt && <Folded title="Analysis prompt" text={bot.post_call_analysis_prompt} />}
            {bot.qc_prompt && <Folded title="Quality prompt" text={bot.qc_prompt} />}
          </Panel>
        )}
      </div>
      <div className="min-w-0 space-y-4">
        <Panel title="Voice pipeline">
          <ul className="space-y-3">
            {STAGE_KEYS.map((key) => {
              const stage = bot[key];
              return (
                <li key={key}>
                  <p className="text-xs text-muted">{STAGE_TITLE[key]}</p>
                  <p className="mt-1 flex flex-wrap gap-1.5">
                    <Chip>{providerLabel(key, stage?.provider ?? 'openai_compatible')}</Chip>
                    {stage?.model && <Chip>{stage.model}</Chip>}
                    {stage && 'voice' in stage && stage.voice && <Chip>{stage.voice}</Chip>}
                    {stage && 'language' in stage && stage.language && <Chip>{stage.language}</Chip>}
                    {(stage?.fallbacks?.length ?? 0) > 0 && (
                      <Chip>{plural(stage?.fallbacks?.length ?? 0, 'fallback')}</Chip>
                    )}
                  </p>
                </li>
              );
            })}
          </ul>
        </Panel>
        <Panel title="Behaviour">
          <Facts
            items={[
              ['Longest call', duration(bot.max_call_duration_seconds ?? 600)],
              ['Recording', bot.recording_enabled === false ? 'Off' : 'On'],
              ['Interrupted by', plural(bot.min_words_interruption ?? 3, 'word')],
              ['Time zone', bot.timezone ?? 'UTC'],
              [
                'Answers',
                hours?.enabled
                  ? `${hours.start_time ?? ''} to ${hours.end_time ?? ''}, ${(hours.days ?? []).join(', ')}`
                  : 'At any hour',
              ],
              [
                'Asks in silence',
                silence && silence.enabled !== false ? `after ${silence.timeout_seconds ?? 10} s` : 'Never',
              ],
            ]}
          />
        </Panel>
        <Panel title="Tools and transfers">
          <div className="space-y-3">
            <Group title="Built in">
              {builtin.map((name) => (
                <Chip key={name}>{name}</Chip>
              ))}
            </Group>
            <Group title="Custom">
              {tools.map((tool) => (
                <Chip key={tool.name} {...(tool.description ? { title: tool.description } : {})}>
                  {tool.name}
                </Chip>
              ))}
            </Group>
            <Group title="Transfer to">
              {targets.map((target) => (
                <Chip key={target.id}>{`${target.label || target.id}: ${target.value}`}</Chip>
              ))}
            </Group>
            <div className="flex flex-wrap gap-2">
              {bot.crm_prefetch?.enabled && <Badge tone="info">fetches customer data</Badge>}
              {bot.post_call_push?.enabled && <Badge tone="info">sends results</Badge>}
            </div>
          </div>
        </Panel>
      </div>
    </div>
  );
}

const Prompt = ({ text }: { text: string }) => (
  <p className="text-[0.8125rem] leading-relaxed break-words whitespace-pre-wrap">{text}</p>
);

const Folded = ({ title, text }: { title: string; text: string }) => (
  <details className="mb-2 last:mb-0">
    <summary className="text-[0.8125rem] font-medium">{title}</summary>
    <div className="mt-2">
      <Prompt text={text} />
    </div>
  </details>
);

function Group({ title, children }: { title: string; children: ReactNode[] }) {
  return (
    <div>
      <p className="text-xs text-muted">{title}</p>
      <div className="mt-1 flex flex-wrap gap-1.5">{children.length > 0 ? children : DASH}</div>
    </div>
  );
}
