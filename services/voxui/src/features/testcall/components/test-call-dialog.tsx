import { useState } from 'react';

import { Button } from '@/components/button';
import { Dialog } from '@/components/dialog';
import { Field, Select } from '@/components/field';

import { useBrowserCall } from '../lib/use-browser-call';
import { useMicrophones } from '../lib/use-microphones';
import { AfterCall } from './after-call';
import { LiveCall } from './live-call';
import { filled, ValueFields } from './value-fields';

interface TestCallDialogProps {
  bot: { bot_id: string; name: string };
  /** Names that the bot's texts ask for. */
  variables: string[];
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

/** Talk to a bot with this browser's microphone. */
export function TestCallDialog({ bot, variables, open, onOpenChange }: TestCallDialogProps) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={`Talk to ${bot.name}`} sticky wide>
      <TestCall bot={bot} variables={variables} />
    </Dialog>
  );
}

function TestCall({ bot, variables }: Pick<TestCallDialogProps, 'bot' | 'variables'>) {
  const { state, start, reset, call } = useBrowserCall(bot.bot_id);
  const microphones = useMicrophones();
  const [device, setDevice] = useState('');
  const [values, setValues] = useState<Record<string, string>>({});
  const begin = () => {
    start(device, filled(values));
  };

  if (state === null) {
    return (
      <form
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          begin();
        }}
      >
        <p className="text-muted">
          You are the customer. Your browser asks for the microphone; the bot answers as it would on the telephone, and
          the call appears in the list.
        </p>
        {microphones.length > 1 && (
          <Field label="Microphone">
            <Select
              value={device}
              onChange={(event) => {
                setDevice(event.target.value);
              }}
            >
              <option value="">The browser’s choice</option>
              {microphones.map((microphone) => (
                <option key={microphone.id} value={microphone.id}>
                  {microphone.label}
                </option>
              ))}
            </Select>
          </Field>
        )}
        <ValueFields variables={variables} values={values} onChange={setValues} />
        <div className="flex justify-end">
          <Button type="submit" look="primary" icon="mic">
            Start the call
          </Button>
        </div>
      </form>
    );
  }
  if (state.phase === 'ended' || state.phase === 'failed') {
    return <AfterCall state={state} onAgain={begin} onReset={reset} />;
  }
  return (
    <LiveCall
      botName={bot.name}
      state={state}
      onMute={(muted) => call.current?.mute(muted)}
      onPress={(digit) => call.current?.press(digit)}
      onHangUp={() => call.current?.hangUp()}
    />
  );
}
