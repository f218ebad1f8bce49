import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { Badge, Chip, type Tone } from '@/components/badge';
import { Button, IconButton } from '@/components/button';
import { Card } from '@/components/card';
import { CodeBlock } from '@/components/copy';
import { Confirm, Dialog } from '@/components/dialog';
import { showRefusals } from '@/components/form';
import { FormEnd } from '@/components/form-end';
import { TextField } from '@/components/form-fields';
import { KeptForm, useKeptForm } from '@/components/kept-form';
import { Menu } from '@/components/menu';
import { Page } from '@/components/page';
import { Empty, LoadingRows, Notice, Problem } from '@/components/states';
import { Table, type Column } from '@/components/table';
import { Time } from '@/components/time';
import { useToast } from '@/components/toast';
import { apiKeysCreate, apiKeysDelete, apiKeysList, apiKeysUpdate, type ApiKey } from '@/generated';
import { data } from '@/lib/api';
import { plural, words } from '@/lib/format';

interface BotName {
  bot_id: string;
  name: string;
}

const TONE: Record<string, Tone> = { active: 'ok', inactive: 'neutral', expired: 'warn' };
type Asking = { what: 'edit' | 'toggle' | 'delete'; key: ApiKey } | { what: 'create' } | null;

export function ApiKeysPage({ bots }: { bots: BotName[] }) {
  const keys = useQuery({ queryKey: ['api-keys'], queryFn: () => data(apiKeysList({ query: { limit: 200 } })) });
  const [asking, setAsking] = useState<Asking>(null);
  const [fresh, setFresh] = useState<string | null>(null);
  const close = () => {
    setAsking(null);
  };
  const nameOf = (id: string) => bots.find((bot) => bot.bot_id === id)?.name ?? id;
  const columns: Column<ApiKey>[] = [
    {
      key: 'name',
      header: 'Name',
      role: 'title',
      cell: (key) => <span className="block max-w-64 truncate font-medium">{key.name}</span>,
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
    { key: 'used', header: 'Last used', cell: (key) => <Time iso={key.last_used_at} relative /> },
    {
      key: 'actions',
      header: 'Actions',
      role: 'aside',
      align: 'right',
      cell: (key) => (
        <Menu
          trigger={<IconButton icon="more" label={`Actions for ${key.name}`} />}
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
  ];
  const create = (
    <Button look="primary" icon="plus" onClick={setAsking.bind(null, { what: 'create' })}>
      Create key
    </Button>
  );
  return (
    <Page
      title="API keys"
      lead="For programs that start calls or add contacts. People sign in with their email instead."
      actions={create}
    >
      <Card className="overflow-hidden">
        {keys.isPending ? (
          <LoadingRows label="Loading keys" />
        ) : !keys.data ? (
          <div className="p-4">
            <Problem error={keys.error} title="The keys could not be loaded" onRetry={keys.refetch} />
          </div>
        ) : keys.data.items.length === 0 ? (
          <Empty icon="keys" title="No keys yet" action={create}>
            A key lets your CRM or another program use Vox. It is shown once, when it is made.
          </Empty>
        ) : (
          <Table label="API keys" columns={columns} rows={keys.data.items} rowKey={(key) => key.key_id} />
        )}
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
        <Ask what={asking.what} apiKey={asking.key} onClose={close} />
      )}
      {fresh !== null && (
        <Dialog
          open
          sticky
          onOpenChange={() => {
            setFresh(null);
          }}
          title="Your new key"
          hint="Store it now: it cannot be shown again."
        >
          <div className="space-y-4">
            <CodeBlock value={fresh} what="API key" />
            <Notice>
              Send it in the header <span className="font-mono">X-API-Key</span>.
            </Notice>
            <div className="flex justify-end">
              <Button
                look="primary"
                onClick={() => {
                  setFresh(null);
                }}
              >
                I have stored it
              </Button>
            </div>
          </div>
        </Dialog>
      )}
    </Page>
  );
}

interface KeyForm {
  name: string;
  expires: string;
  bot_ids: string[];
}

interface KeyDialogProps {
  apiKey: ApiKey | null;
  bots: BotName[];
  onClose: () => void;
  onCreated: (raw: string) => void;
}

function KeyDialog({ apiKey, bots, onClose, onCreated }: KeyDialogProps) {
  const queries = useQueryClient();
  const toast = useToast();
  const [error, setError] = useState<unknown>(null);
  const kept = useKeptForm<KeyForm>({
    name: `key_${apiKey?.key_id ?? 'new'}`,
    defaultValues: {
      name: apiKey?.name ?? '',
      expires: apiKey?.expires_at?.slice(0, 10) ?? '',
      bot_ids: apiKey?.bot_ids ?? [],
    },
  });
  const { form } = kept;
  const save = async (values: KeyForm) => {
    setError(null);
    const body = {
      name: values.name.trim(),
      bot_ids: values.bot_ids,
      expires_at: values.expires ? `${values.expires}T23:59:59Z` : null,
    };
    try {
      if (apiKey) {
        await apiKeysUpdate({ path: { key_id: apiKey.key_id }, body });
        toast('Saved');
      } else onCreated((await data(apiKeysCreate({ body }))).api_key);
      await queries.invalidateQueries({ queryKey: ['api-keys'] });
      kept.saved();
      onClose();
    } catch (caught) {
      setError(showRefusals(form, caught, ['name']));
    }
  };
  return (
    <Dialog open onOpenChange={onClose} title={apiKey ? `Edit ${apiKey.name}` : 'Create a key'}>
      <KeptForm of={kept} onSubmit={save}>
        <TextField<KeyForm> name="name" label="Name" placeholder="CRM" hint="What uses it" />
        <TextField<KeyForm>
          name="expires"
          label="Last day"
          type="date"
          optional
          hint="Until the end of that day, UTC. Empty: it never expires."
        />
        {bots.length > 0 && (
          <fieldset>
            <legend className="mb-1 text-[0.8125rem] font-medium">Bots it may use</legend>
            <p className="mb-2 text-xs text-muted">None chosen: all bots.</p>
            <div className="max-h-40 space-y-1.5 overflow-y-auto">
              {bots.map((bot) => (
                <label key={bot.bot_id} className="flex items-center gap-2">
                  <input
                    type="checkbox"
                    value={bot.bot_id}
                    className="accent-(--brand)"
                    {...form.register('bot_ids')}
                  />
                  {bot.name}
                </label>
              ))}
            </div>
          </fieldset>
        )}
        <FormEnd error={error} failed="Not saved" busy={form.formState.isSubmitting && 'Saving …'} onCancel={onClose}>
          {apiKey ? 'Save' : 'Create key'}
        </FormEnd>
      </KeptForm>
    </Dialog>
  );
}

function Ask({ what, apiKey, onClose }: { what: 'toggle' | 'delete'; apiKey: ApiKey; onClose: () => void }) {
  const queries = useQueryClient();
  const toast = useToast();
  const path = { key_id: apiKey.key_id };
  const verb = what === 'delete' ? 'Delete' : apiKey.is_active ? 'Deactivate' : 'Activate';
  return (
    <Confirm
      open
      onOpenChange={onClose}
      title={`${verb} the key ${apiKey.name}?`}
      action={verb}
      busyText={`${verb.replace(/e$/, '')}ing …`}
      onConfirm={async () => {
        if (what === 'delete') await apiKeysDelete({ path });
        else await apiKeysUpdate({ path, body: { is_active: !apiKey.is_active } });
        await queries.invalidateQueries({ queryKey: ['api-keys'] });
        toast(`${apiKey.name} is ${verb.toLowerCase().replace(/e$/, '')}ed`);
      }}
    >
      {what === 'toggle' && !apiKey.is_active
        ? 'Programs that hold this key may use Vox again.'
        : `1 key stops working at once: programs that use it are refused.${what === 'delete' ? ' Nobody can bring it back.' : ''}`}
    </Confirm>
  );
}
