import { useFormContext, useWatch } from 'react-hook-form';

import { Badge } from '@/components/badge';
import { Panel } from '@/components/card';
import { Fields } from '@/components/field';
import { AreaField, NumberField, SecretField, SelectField, TextField } from '@/components/form-fields';
import type { Bot } from '@/generated';
import { plural } from '@/lib/format';
import { useDisplay } from '@/lib/hooks';

import { STAGE_KEYS, type BotForm, type StageKey } from '../lib/form';
import { keyOf, PROVIDERS, STAGE_TITLE } from '../lib/providers';

export function StepPipeline({ bot }: { bot: Bot }) {
  return (
    <div className="space-y-4">
      {STAGE_KEYS.map((key) => (
        <Stage key={key} name={key} bot={bot} />
      ))}
    </div>
  );
}

function Stage({ name, bot }: { name: StageKey; bot: Bot }) {
  const { setValue } = useFormContext<BotForm>();
  const provider = useWatch<BotForm, `${StageKey}.provider`>({ name: `${name}.provider` });
  const ownKey = useWatch<BotForm, `${StageKey}.api_key`>({ name: `${name}.api_key` });
  const keys = useDisplay().data?.provider_keys ?? undefined;
  const chosen = PROVIDERS[name].find((entry) => entry.value === provider);
  const stored = bot[name];
  const mask = stored?.provider === provider ? String(stored.api_key ?? '') : '';
  const hasKey =
    provider === 'openai_compatible' || keys?.[keyOf(provider)] || Boolean(ownKey) || (mask !== '' && ownKey !== null);
  const fallbacks = stored?.fallbacks?.length ?? 0;
  return (
    <Panel
      title={STAGE_TITLE[name]}
      actions={keys && !hasKey ? <Badge tone="warn">no key for this provider</Badge> : undefined}
      {...(fallbacks > 0
        ? { hint: `${plural(fallbacks, 'fallback')} set through the API; they stay as they are` }
        : {})}
    >
      <Fields columns={3}>
        <SelectField<BotForm>
          name={`${name}.provider`}
          label="Provider"
          choices={PROVIDERS[name]}
          onPicked={(value) => {
            setValue(`${name}.model`, PROVIDERS[name].find((entry) => entry.value === value)?.model ?? '', {
              shouldDirty: true,
            });
            setValue(`${name}.api_key`, '', { shouldDirty: true });
          }}
        />
        <TextField<BotForm> name={`${name}.model`} label="Model" placeholder={chosen?.model || 'Name of the model'} />
        {name !== 'llm' && (
          <TextField<BotForm> name={`${name}.language`} label="Language" hint="A code, for example en or hi-IN" />
        )}
        {name === 'llm' && (
          <NumberField<BotForm> name="llm.temperature" label="Temperature" min={0} max={2} step={0.1} />
        )}
        {name === 'llm' && (
          <NumberField<BotForm> name="llm.max_tokens" label="Longest answer" min={1} max={32768} unit="tokens" />
        )}
        {name === 'tts' && <TextField<BotForm> name="tts.voice" label="Voice" placeholder="default" />}
        {name === 'tts' && <NumberField<BotForm> name="tts.speed" label="Speed" min={0.5} max={2} step={0.05} />}
      </Fields>
      <details className="mt-4">
        <summary className="text-[0.8125rem] font-medium text-muted">Own address, key and further options</summary>
        <Fields className="mt-3">
          <TextField<BotForm>
            name={`${name}.base_url`}
            label="Address"
            placeholder="https://host/v1"
            hint={
              provider === 'openai_compatible'
                ? 'Ends in /v1. Empty: the one of the settings.'
                : 'Empty: the provider’s own.'
            }
          />
          <SecretField<BotForm>
            name={`${name}.api_key`}
            label="API key"
            mask={mask}
            hint="Not set: the one of the settings."
          />
          <div className="sm:col-span-2">
            <AreaField<BotForm>
              name={`${name}.extra`}
              label="Further options (JSON)"
              mono
              rows={3}
              placeholder={chosen?.extra ?? '{}'}
              hint="Passed on to the provider as they are."
            />
          </div>
        </Fields>
      </details>
    </Panel>
  );
}
