import { useQueryClient } from '@tanstack/react-query';

import { Page } from '@/components/page';
import { useToast } from '@/components/toast';
import type { BotCreate } from '@/generated';

import { createBot } from '../api/bots';
import { Wizard } from '../components/wizard';
import { EMPTY, serialize } from '../lib/form';

export function BotCreatePage({ onCreated }: { onCreated: (id: string) => void }) {
  const queries = useQueryClient();
  const toast = useToast();
  return (
    <Page
      title="New bot"
      back={{ to: '/dashboard/bots', label: 'Bots' }}
      lead="A name, an opening message and a system prompt are enough; the rest has good defaults."
    >
      <Wizard
        bot={EMPTY}
        isNew
        onReload={() => undefined}
        onSave={async (form) => {
          const body = {
            ...serialize(form, EMPTY),
            name: form.name,
            opening_message: form.opening_message,
            system_prompt: form.system_prompt,
          } as BotCreate;
          const bot = await createBot(body);
          await queries.invalidateQueries({ queryKey: ['bots'] });
          toast(`${bot.name} is ready`);
          onCreated(bot.bot_id);
        }}
      />
    </Page>
  );
}
