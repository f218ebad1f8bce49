import { useState, type SyntheticEvent } from 'react';

import { Button } from '@/components/button';
import { Panel } from '@/components/card';
import { Field, Input } from '@/components/field';
import { Notice, Problem } from '@/components/states';
import { Time } from '@/components/time';
import type { DncEntry } from '@/generated';
import { phone } from '@/lib/format';

import { findEntry } from '../api/dnc';
import { SOURCE_LABEL } from '../lib/search';

type Answer =
  | { kind: 'idle' }
  | { kind: 'asking' }
  | { kind: 'answered'; number: string; entry: DncEntry | null }
  | { kind: 'failed'; error: unknown };

/** Asks the server about one number: its rules decide what counts as the same number. */
export function CheckNumber() {
  const [text, setText] = useState('');
  const [answer, setAnswer] = useState<Answer>({ kind: 'idle' });
  const check = async (event: SyntheticEvent) => {
    event.preventDefault();
    const number = text.trim();
    if (number === '') return;
    setAnswer({ kind: 'asking' });
    try {
      setAnswer({ kind: 'answered', number, entry: await findEntry(number) });
    } catch (error) {
      setAnswer({ kind: 'failed', error });
    }
  };
  return (
    <Panel title="Check a number" hint="May it be called?">
      <div className="space-y-3">
        <form className="flex items-end gap-2" onSubmit={(event) => void check(event)}>
          <div className="min-w-0 grow sm:max-w-64">
            <Field label="Phone number">
              <Input
                type="tel"
                autoComplete="off"
                placeholder="+49 30 123456"
                value={text}
                onChange={(event) => {
                  setText(event.target.value);
                  setAnswer({ kind: 'idle' });
                }}
              />
            </Field>
          </div>
          <Button
            type="submit"
            disabled={text.trim() === ''}
            busy={answer.kind === 'asking' && 'Checking …'}
            after={answer.kind === 'failed' && answer.error}
          >
            Check
          </Button>
        </form>
        <div aria-live="polite">
          {answer.kind === 'answered' && <Verdict number={answer.number} entry={answer.entry} />}
        </div>
        {answer.kind === 'failed' && <Problem error={answer.error} title="The number could not be checked" />}
      </div>
    </Panel>
  );
}

function Verdict({ number, entry }: { number: string; entry: DncEntry | null }) {
  if (entry === null) return <Notice tone="ok">Allowed: {phone(number)} is not on the list.</Notice>;
  return (
    <Notice tone="bad">
      On the list: {phone(entry.phone_number)} is not called. {SOURCE_LABEL[entry.source] ?? entry.source},{' '}
      <Time iso={entry.created_at} />
      {entry.reason && <>, “{entry.reason}”</>}
      {entry.expires_at && (
        <>
          , until <Time iso={entry.expires_at} />
        </>
      )}
      .
    </Notice>
  );
}
