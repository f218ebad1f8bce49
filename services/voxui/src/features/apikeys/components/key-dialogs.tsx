import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { Confirm, Dialog } from '@/components/dialog';
import { showRefusals } from '@/components/form';
import { FormEnd } from '@/components/form-end';
import { TextField } from '@/components/form-fields';
import { KeptForm, useKeptForm } from '@/components/kept-form';
import { useToast } from '@/components/toast';
import { apiKeysCreate, apiKeysDelete, apiKeysUpdate, type ApiKey, type CreatedApiKey } from '@/generated';
import { data } from '@/lib/api';

export interface BotName {
  bot_id: string;
  name: string;
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
  onCreated: (key: CreatedApiKey) => void;
}

/** A new key, or the changes of one. */
export function KeyDialog({ apiKey, bots, onClose, onCreated }: KeyDialogProps) {
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
      } else onCreated(await data(apiKeysCreate({ body })));
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

/** Asks before a key is switched or deleted. */
export function AskAboutKey({
  what,
  apiKey,
  onClose,
}: {
  what: 'toggle' | 'delete';
  apiKey: ApiKey;
  onClose: () => void;
}) {
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
