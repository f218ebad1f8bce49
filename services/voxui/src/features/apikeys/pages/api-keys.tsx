import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { Author, type Person } from '@/components/author';
import { Badge, Chip, type Tone } from '@/components/badge';
import { Button, IconButton } from '@/components/button';
import { Card } from '@/components/card';
import { useColumns } from '@/components/columns';
import { List } from '@/components/list';
import { Menu } from '@/components/menu';
import { Page } from '@/components/page';
import { Empty } from '@/components/states';
import { ROW_LINK } from '@/components/table';
import { Time } from '@/components/time';
import type { ApiKey, CreatedApiKey } from '@/generated';
import { DASH, plural, words } from '@/lib/format';

import { keysQuery } from '../api/keys';
import { AskAboutKey, KeyDialog, type BotName } from '../components/key-dialogs';
import { NewKey } from '../components/new-key';
import { ORDERS, type KeysSearch } from '../lib/search';

interface ApiKeysPageProps {
  search: KeysSearch;
  onSearch: (search: KeysSearch) => void;
  bots: BotName[];
  people: Person[];
}

const TONE: Record<string, Tone> = { active: 'ok', inactive: 'neutral', expired: 'warn' };
type Asking = { what: 'edit' | 'toggle' | 'delete'; key: ApiKey } | { what: 'create' } | null;

export function ApiKeysPage({ search, onSearch, bots, people }: ApiKeysPageProps) {
  const keys = useQuery(keysQuery(search));
  const [asking, setAsking] = useState<Asking>(null);
  const [fresh, setFresh] = useState<CreatedApiKey | null>(null);
  const close = () => {
    setAsking(null);
  };
  const nameOf = (id: string) => bots.find((bot) => bot.bot_id === id)?.name ?? id;
  const columns = useColumns<ApiKey>('api-keys', [
    {
      key: 'name',
      header: 'Name',
      role: 'title',
      sort: 'name',
      cell: (key) => (
        <span className="block max-w-64 truncate" title={key.name}>
          <button type="button" className={ROW_LINK} onClick={setAsking.bind(null, { what: 'edit', key })}>
            {key.name}
          </button>
        </span>
      ),
    },
    { key: 'prefix', header: 'Begins with', cell: (key) => <Chip>{key.key_prefix}…</Chip> },
    {
      key: 'bots',
      header: 'Bots',
      cell: (key) =>
        key.bot_ids.length === 0 ? (
          'All'
        ) : (
          <span title={key.bot_ids.map(nameOf).join(', ')}>{plural(key.bot_ids.length, 'bot')}</span>
        ),
    },
    {
      key: 'status',
      header: 'State',
      cell: (key) => (
        <Badge tone={TONE[key.status] ?? 'neutral'} dot>
          {words(key.status)}
        </Badge>
      ),
    },
    { key: 'expires', header: 'Expires', cell: (key) => (key.expires_at ? <Time iso={key.expires_at} /> : 'Never') },
    {
      key: 'used',
      header: 'Last used',
      sort: 'last_used_at',
      cell: (key) => <Time iso={key.last_used_at} relative />,
    },
    {
      key: 'by',
      header: 'By',
      cell: (key) => (key.created_by ? <Author id={key.created_by} people={people} /> : DASH),
    },
    { key: 'created', header: 'Made', sort: 'created_at', cell: (key) => <Time iso={key.created_at} /> },
    {
      key: 'actions',
      header: 'Actions',
      role: 'aside',
      align: 'right',
      cell: (key) => (
        <Menu
          trigger={<IconButton icon="more" label={`Actions for ${key.name}`} className="relative z-10" />}
          items={[
            { label: 'Edit', icon: 'edit', onSelect: setAsking.bind(null, { what: 'edit', key }) },
            {
              label: key.is_active ? 'Deactivate' : 'Activate',
              icon: 'keys',
              onSelect: setAsking.bind(null, { what: 'toggle', key }),
            },
            { label: 'Delete', icon: 'trash', danger: true, onSelect: setAsking.bind(null, { what: 'delete', key }) },
          ]}
        />
      ),
    },
  ]);
  const create = (
    <Button look="primary" icon="plus" onClick={setAsking.bind(null, { what: 'create' })}>
      Create key
    </Button>
  );
  return (
    <Page
      title="API keys"
      lead="For programs that start calls or add contacts. People sign in with their email instead."
      actions={
        <>
          {columns.choice}
          {create}
        </>
      }
    >
      <Card>
        <List
          query={keys}
          what="The keys"
          one="key"
          label="API keys"
          columns={columns.shown}
          rowKey={(key) => key.key_id}
          sorting={{
            orders: ORDERS,
            order: search.sort,
            onOrder: (sort) => {
              onSearch({ sort });
            },
          }}
          turning={{
            page: search.page,
            onPage: (page) => {
              onSearch({ ...search, page });
            },
          }}
          empty={
            <Empty icon="keys" title="No keys yet" action={create}>
              A key lets your CRM or another program use Vox. It is shown once, when it is made.
            </Empty>
          }
        />
      </Card>
      {(asking?.what === 'create' || asking?.what === 'edit') && (
        <KeyDialog
          apiKey={asking.what === 'edit' ? asking.key : null}
          bots={bots}
          onClose={close}
          onCreated={setFresh}
        />
      )}
      {(asking?.what === 'toggle' || asking?.what === 'delete') && (
        <AskAboutKey what={asking.what} apiKey={asking.key} onClose={close} />
      )}
      {fresh !== null && (
        <NewKey
          apiKey={fresh}
          bots={bots}
          onClose={() => {
            setFresh(null);
          }}
        />
      )}
    </Page>
  );
}
