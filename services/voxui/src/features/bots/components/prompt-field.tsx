import { useId, useState } from 'react';
import { useFormContext, useWatch } from 'react-hook-form';

import { Badge, type Tone } from '@/components/badge';
import { Button } from '@/components/button';
import { Dialog } from '@/components/dialog';
import { Textarea } from '@/components/field';
import { Menu } from '@/components/menu';

import type { BotForm } from '../lib/form';
import { CALL, sourceOf, SYSTEM, tokensIn, type Source } from '../lib/tokens';

type PromptName = 'system_prompt' | 'dynamic_prompt' | 'post_call_analysis_prompt' | 'qc_prompt';

interface PromptFieldProps {
  name: PromptName;
  label: string;
  hint: string;
  rows?: number;
  placeholder?: string;
}

/** A prompt: plain text, a picker for tokens, a count, a large view. */
export function PromptField({ name, label, hint, rows = 8, placeholder }: PromptFieldProps) {
  const id = useId();
  const { register, setValue, getValues, formState } = useFormContext<BotForm>();
  const text = useWatch<BotForm, PromptName>({ name });
  const [large, setLarge] = useState(false);
  const error = formState.errors[name]?.message;
  const insert = (token: string) => {
    setValue(name, `${getValues(name)}{{${token}}}`, { shouldDirty: true });
  };
  return (
    <div>
      <div className="mb-1 flex flex-wrap items-center gap-2">
        <label htmlFor={id} className="grow text-[0.8125rem] font-medium">
          {label}
        </label>
        <Menu
          trigger={
            <Button small look="quiet" icon="plus">
              Token
            </Button>
          }
          items={[...SYSTEM.map((token) => `system.${token}`), ...CALL.map((token) => `call.${token}`)].map(
            (token) => ({
              label: token,
              onSelect: () => {
                insert(token);
              },
            }),
          )}
        />
        <Button
          small
          look="quiet"
          onClick={() => {
            setLarge(true);
          }}
        >
          Large view
        </Button>
      </div>
      <Textarea
        id={id}
        rows={rows}
        placeholder={placeholder}
        aria-invalid={error ? true : undefined}
        aria-describedby={`${id}-hint`}
        className="font-mono text-[0.8125rem]!"
        {...register(name)}
      />
      {error && <p className="mt-1 text-xs font-medium text-bad">{error}</p>}
      <p id={`${id}-hint`} className="mt-1 flex justify-between gap-4 text-xs text-muted">
        <span>{hint}</span>
        <span className="num shrink-0">{text.length.toLocaleString('en')} characters</span>
      </p>
      <Tokens texts={[text]} />
      <Dialog open={large} onOpenChange={setLarge} title={label} wide>
        <Textarea
          aria-label={label}
          value={text}
          className="h-[60vh] font-mono text-[0.8125rem]!"
          onChange={(event) => {
            setValue(name, event.target.value, { shouldDirty: true });
          }}
        />
      </Dialog>
    </div>
  );
}

const SAYS: Record<Source, [Tone, string]> = {
  system: ['ok', 'filled by Vox'],
  call: ['ok', 'filled by the call'],
  crm: ['info', 'filled by the CRM answer'],
  caller: ['warn', 'only filled when whoever starts the call sends it'],
  never: ['bad', 'never filled in a live call'],
};

/** The tokens of a text, and who fills each. */
export function Tokens({ texts }: { texts: string[] }) {
  const found = tokensIn(...texts);
  if (found.length === 0) return null;
  return (
    <ul aria-label="Tokens in this text" className="mt-2 flex flex-wrap gap-1.5">
      {found.map((token) => {
        const [tone, text] = SAYS[sourceOf(token)];
        return (
          <li key={token} title={text}>
            <Badge tone={tone}>
              <span className="font-mono">{token}</span>
              <span className="font-normal">{text}</span>
            </Badge>
          </li>
        );
      })}
    </ul>
  );
}
