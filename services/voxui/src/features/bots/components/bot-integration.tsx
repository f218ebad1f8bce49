import { useQuery } from '@tanstack/react-query';

import { Panel } from '@/components/card';
import { CodeBlock } from '@/components/copy';
import { Program } from '@/components/program';
import { LoadingBlock, Problem } from '@/components/states';
import type { Bot } from '@/generated';
import { blanks } from '@/lib/snippets';

import { botSocketsQuery } from '../api/bots';
import { variablesOf } from '../lib/tokens';

/** Where carriers connect to this bot, and how programs let it call. */
export function BotIntegration({ bot }: { bot: Bot }) {
  const sockets = useQuery(botSocketsQuery(bot.bot_id));
  return (
    <div className="max-w-3xl space-y-4">
      <Panel title="Socket addresses" hint="Give one to your carrier; each call is one connection">
        {sockets.isPending ? (
          <LoadingBlock label="Loading the addresses" className="h-24" />
        ) : sockets.isError ? (
          <Problem error={sockets.error} title="No address yet" onRetry={sockets.refetch} />
        ) : (
          <div className="space-y-4">
            <div>
              <p className="mb-1 text-[0.8125rem] font-medium">Vox’s own protocol</p>
              <CodeBlock value={sockets.data.wss_url} what="socket address" />
            </div>
            <div>
              <p className="mb-1 text-[0.8125rem] font-medium">Exotel</p>
              <CodeBlock value={sockets.data.exotel_url} what="Exotel address" />
            </div>
            {sockets.data.wss_url.includes('token=') && (
              <p className="text-xs text-muted">
                The token in these addresses opens your workers: give it to carriers only.
              </p>
            )}
          </div>
        )}
      </Panel>
      <Program
        title="Call somebody from a program"
        path="/sip/dialout"
        order={{
          bot_id: bot.bot_id,
          to_number: '+15550100',
          ...blanks(variablesOf(bot)),
        }}
      />
    </div>
  );
}
