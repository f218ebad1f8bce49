import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { Page } from '@/components/page';
import { LoadingBlock, Notice, Problem } from '@/components/states';
import { useToast } from '@/components/toast';

import { botEditQuery, updateBot } from '../api/bots';
import { Wizard } from '../components/wizard';
import { serialize } from '../lib/form';

export function BotEditPage({ id, onSaved }: { id: string; onSaved: () => void }) {
  const queries = useQueryClient();
  const toast = useToast();
  const [loads, setLoads] = useState(0);
  // The form begins with one version and keeps it: a background refresh must not move the ground under it.
  const bot = useQuery(botEditQuery(id, loads));
  const back = { to: `/dashboard/bots/${id}`, label: bot.data?.name ?? 'Bot' };
  if (bot.isPending) {
    return (
      <Page title="Edit bot" back={back}>
        <LoadingBlock label="Loading the bot" className="h-96" />
      </Page>
    );
  }
  if (!bot.data) {
    return (
      <Page title="Edit bot" back={back}>
        <Problem error={bot.error} title="The bot could not be loaded" onRetry={bot.refetch} />
      </Page>
    );
  }
  const stored = bot.data;
  return (
    <Page title={`Edit ${stored.name}`} back={back}>
      {stored.locked && (
        <div className="mb-4">
          <Notice tone="warn">A running campaign uses this bot. Changes are refused until it is paused or ends.</Notice>
        </div>
      )}
      <Wizard
        key={loads}
        bot={stored}
        isNew={false}
        onReload={() => {
          setLoads(loads + 1);
        }}
        onSave={async (form, revision) => {
          await updateBot(id, { ...serialize(form, stored), ...(revision === null ? {} : { revision }) });
          await queries.invalidateQueries({ queryKey: ['bots'] });
          toast('Saved');
          onSaved();
        }}
      />
    </Page>
  );
}
