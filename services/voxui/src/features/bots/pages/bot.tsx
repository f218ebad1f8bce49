import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';

import { Badge } from '@/components/badge';
import { Button, buttonClass, IconButton } from '@/components/button';
import { Id } from '@/components/copy';
import { Confirm } from '@/components/dialog';
import { Icon } from '@/components/icons';
import { Menu } from '@/components/menu';
import { NoRecord } from '@/components/no-record';
import { Page } from '@/components/page';
import { Notice } from '@/components/states';
import { Tabs } from '@/components/tabs';
import { Time } from '@/components/time';
import { useToast } from '@/components/toast';

import { botQuery, cloneBot, deleteBot } from '../api/bots';
import { BotDetails } from '../components/bot-details';
import { BotIntegration } from '../components/bot-integration';
import type { Bot } from '@/generated';

interface BotPageProps {
  id: string;
  tab: string;
  onTab: (tab: string) => void;
  onTest: (way: 'yes' | 'phone') => void;
  onCloned: (id: string) => void;
  onDeleted: () => void;
  calls: ReactNode;
  /** The running campaigns that use it, once they are known. */
  lockedBy: { campaign_id: string; name: string }[];
}

const BACK = { to: '/dashboard/bots', label: 'Bots' };

export function BotPage(props: BotPageProps) {
  const bot = useQuery(botQuery(props.id));
  if (!bot.data) return <NoRecord query={bot} what="bot" id={props.id} icon="bots" list={BACK} />;
  return <Loaded {...props} bot={bot.data} />;
}

function Loaded({ bot, tab, onTab, onTest, onCloned, onDeleted, calls, lockedBy }: BotPageProps & { bot: Bot }) {
  const toast = useToast();
  const queries = useQueryClient();
  const [asking, setAsking] = useState<'clone' | 'delete' | null>(null);
  const close = (open: boolean) => {
    if (!open) setAsking(null);
  };
  return (
    <Page
      title={bot.name}
      back={BACK}
      beside={
        <Badge tone={bot.is_active ? 'ok' : 'neutral'} dot>
          {bot.is_active ? 'Active' : 'Inactive'}
        </Badge>
      }
      lead={
        <span className="flex flex-wrap items-center gap-x-3">
          <Id value={bot.bot_id} what="bot id" />
          <span>
            Version {bot.revision}, changed <Time iso={bot.updated_at} relative />
          </span>
        </span>
      }
      actions={
        <>
          <Button look="primary" icon="mic" onClick={onTest.bind(null, 'yes')} disabled={bot.is_active === false}>
            Test in browser
          </Button>
          <Button icon="calls" onClick={onTest.bind(null, 'phone')} disabled={bot.is_active === false}>
            Test by phone
          </Button>
          {!bot.locked && (
            <Link to="/dashboard/bots/$id/edit" params={{ id: bot.bot_id }} className={buttonClass()}>
              <Icon name="edit" className="-ml-0.5 size-4" />
              Edit
            </Link>
          )}
          <Menu
            trigger={<IconButton icon="more" label="More actions" className="size-9" />}
            items={[
              { label: 'Clone', icon: 'clone', onSelect: setAsking.bind(null, 'clone') },
              {
                label: 'Delete',
                icon: 'trash',
                danger: true,
                disabled: bot.locked,
                onSelect: setAsking.bind(null, 'delete'),
              },
            ]}
          />
        </>
      }
    >
      <div className="mb-4 space-y-2 empty:hidden">
        {bot.is_active === false && (
          <Notice tone="warn">This bot is inactive: it answers no call, and cannot be tested.</Notice>
        )}
        {bot.locked && <Locked by={lockedBy} />}
        {bot.warnings.map((warning) => (
          <Notice key={warning} tone="warn">
            {warning}
          </Notice>
        ))}
      </div>
      <Tabs
        label="Parts of this bot"
        value={tab}
        onChange={onTab}
        tabs={[
          { key: 'details', label: 'Details', content: <BotDetails bot={bot} /> },
          { key: 'calls', label: 'Calls', content: calls },
          { key: 'integration', label: 'Integration', content: <BotIntegration bot={bot} /> },
        ]}
      />
      <Confirm
        open={asking === 'clone'}
        onOpenChange={close}
        title={`Clone ${bot.name}?`}
        action="Clone"
        busyText="Cloning …"
        onConfirm={async () => {
          const copy = await cloneBot(bot.bot_id);
          await queries.invalidateQueries({ queryKey: ['bots'] });
          toast(`${copy.name} is made`);
          onCloned(copy.bot_id);
        }}
      >
        The copy gets all settings and prompts. Calls, campaigns and numbers are not copied.
      </Confirm>
      <Confirm
        open={asking === 'delete'}
        onOpenChange={close}
        title={`Delete ${bot.name}?`}
        action="Delete bot"
        busyText="Deleting …"
        onConfirm={async () => {
          await deleteBot(bot.bot_id);
          await queries.invalidateQueries({ queryKey: ['bots'] });
          toast('The bot is deleted');
          onDeleted();
        }}
      >
        1 bot goes, with its prompts and settings. Its calls stay. Nobody can bring it back.
      </Confirm>
    </Page>
  );
}

function Locked({ by }: { by: BotPageProps['lockedBy'] }) {
  return (
    <Notice tone="warn">
      {by.length === 0 ? 'A running campaign uses this bot.' : 'Running campaigns use this bot: '}
      {by.map(({ campaign_id, name }, position) => (
        <span key={campaign_id}>
          {position > 0 && ', '}
          <Link to="/dashboard/campaigns/$id" params={{ id: campaign_id }} className="font-medium underline">
            {name}
          </Link>
        </span>
      ))}
      {by.length > 0 && '.'} Pause {by.length > 1 ? 'them' : 'it'} to edit or delete the bot.
    </Notice>
  );
}
