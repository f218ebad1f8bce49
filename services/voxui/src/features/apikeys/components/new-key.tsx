import { Button } from '@/components/button';
import { CodeBlock } from '@/components/copy';
import { Dialog } from '@/components/dialog';
import { Program } from '@/components/program';
import { Notice } from '@/components/states';
import type { CreatedApiKey } from '@/generated';

import type { BotName } from './key-dialogs';

interface NewKeyProps {
  apiKey: CreatedApiKey;
  bots: BotName[];
  onClose: () => void;
}

/** The one time that a key is shown, and the program that it is most often made for. */
export function NewKey({ apiKey, bots, onClose }: NewKeyProps) {
  const bot = apiKey.bot_ids[0] ?? bots[0]?.bot_id;
  return (
    <Dialog open sticky wide onOpenChange={onClose} title="Your new key" hint="Store it now: it cannot be shown again.">
      <div className="space-y-4">
        <CodeBlock value={apiKey.api_key} what="API key" />
        <Notice>
          Send it in the header <span className="font-mono">X-API-Key</span>.
        </Notice>
        {bot && (
          <Program
            title="Call somebody with it"
            hint="It reads the key from the variable VOX_API_KEY of its environment"
            path="/sip/dialout"
            order={{ bot_id: bot, to_number: '+15550100' }}
          />
        )}
        <div className="flex justify-end">
          <Button look="primary" onClick={onClose}>
            I have stored it
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
