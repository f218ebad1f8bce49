import { useState } from 'react';

import { Button, IconButton } from '@/components/button';
import { Panel } from '@/components/card';
import { CopyButton } from '@/components/copy';
import { Confirm, Dialog } from '@/components/dialog';
import { showRefusals } from '@/components/form';
import { FormEnd } from '@/components/form-end';
import { SelectField, TextField } from '@/components/form-fields';
import { KeptForm, useKeptForm } from '@/components/kept-form';
import { Menu } from '@/components/menu';
import { Empty } from '@/components/states';
import { Table, type Column } from '@/components/table';
import { Time } from '@/components/time';
import { useToast } from '@/components/toast';
import type { Carrier, Did } from '@/generated';
import { DASH, phone } from '@/lib/format';

import { useCarrierChanges } from '../api/carriers';
import { DIRECTION_LABEL } from '../lib/labels';

interface BotName {
  bot_id: string;
  name: string;
}

interface NumbersProps {
  carrier: Carrier;
  bots: BotName[];
  mayChange: boolean;
}

type Asking = { what: 'edit' | 'remove'; did: Did } | { what: 'add' } | null;

export function NumbersTable({ carrier, bots, mayChange }: NumbersProps) {
  const [asking, setAsking] = useState<Asking>(null);
  const close = () => {
    setAsking(null);
  };
  const add = mayChange && (
    <Button small icon="plus" onClick={setAsking.bind(null, { what: 'add' })}>
      Add number
    </Button>
  );
  const columns: Column<Did>[] = [
    {
      key: 'number',
      header: 'Number',
      role: 'title',
      cell: (did) => (
        <span className="inline-flex items-center gap-1 font-medium">
          <span className="num">{phone(did.number)}</span>
          <CopyButton value={did.number} what="number" />
        </span>
      ),
    },
    { key: 'label', header: 'Label', cell: (did) => did.label || DASH },
    { key: 'direction', header: 'Direction', cell: (did) => DIRECTION_LABEL[did.direction] ?? did.direction },
    {
      key: 'bot',
      header: 'Inbound bot',
      cell: (did) => bots.find((bot) => bot.bot_id === did.bot_id)?.name ?? (did.bot_id || 'Nobody answers'),
    },
    { key: 'used', header: 'Last used', cell: (did) => <Time iso={did.last_used_at} relative /> },
  ];
  if (mayChange) {
    columns.push({
      key: 'actions',
      header: 'Actions',
      role: 'aside',
      align: 'right',
      cell: (did) => (
        <Menu
          trigger={<IconButton icon="more" label={`Actions for ${phone(did.number)}`} />}
          items={[
            { label: 'Edit', icon: 'edit', onSelect: setAsking.bind(null, { what: 'edit', did }) },
            { label: 'Remove', icon: 'trash', danger: true, onSelect: setAsking.bind(null, { what: 'remove', did }) },
          ]}
        />
      ),
    });
  }
  return (
    <Panel title="Numbers" flush actions={add}>
      {carrier.dids.length === 0 ? (
        <Empty icon="keypad" title="No number yet">
          Without a number nothing is called over this carrier, and nobody can call in.
        </Empty>
      ) : (
        <Table label="Numbers" columns={columns} rows={carrier.dids} rowKey={(did) => did.did_id} />
      )}
      {(asking?.what === 'add' || asking?.what === 'edit') && (
        <NumberDialog carrier={carrier} did={asking.what === 'edit' ? asking.did : null} bots={bots} onClose={close} />
      )}
      {asking?.what === 'remove' && <RemoveNumber carrier={carrier} did={asking.did} onClose={close} />}
    </Panel>
  );
}

interface NumberForm {
  number: string;
  label: string;
  direction: Did['direction'];
  bot_id: string;
}

interface NumberDialogProps {
  carrier: Carrier;
  did: Did | null;
  bots: BotName[];
  onClose: () => void;
}

function NumberDialog({ carrier, did, bots, onClose }: NumberDialogProps) {
  const toast = useToast();
  const { addNumber, updateNumber } = useCarrierChanges();
  const [error, setError] = useState<unknown>(null);
  const kept = useKeptForm<NumberForm>({
    name: `number_${carrier.carrier_id}_${did?.did_id ?? 'new'}`,
    defaultValues: {
      number: did?.number ?? '',
      label: did?.label ?? '',
      direction: did?.direction ?? 'both',
      bot_id: did?.bot_id ?? '',
    },
  });
  const names = bots.map((bot) => ({ value: bot.bot_id, label: bot.name }));
  const isUnknown = did !== null && did.bot_id !== '' && !bots.some((bot) => bot.bot_id === did.bot_id);
  const { form } = kept;
  const save = async (values: NumberForm) => {
    setError(null);
    if (values.number.trim() === '') {
      form.setError('number', { message: 'The number, with its country code.' }, { shouldFocus: true });
      return;
    }
    try {
      if (did) await updateNumber(carrier.carrier_id, did.did_id, values);
      else await addNumber(carrier.carrier_id, values);
      kept.saved();
      toast(did ? 'Saved' : `${phone(values.number)} is added`);
      onClose();
    } catch (caught) {
      setError(showRefusals(form, caught, ['number', 'label', 'direction', 'bot_id']));
    }
  };
  return (
    <Dialog open onOpenChange={onClose} title={did ? `Edit ${phone(did.number)}` : 'Add a number'}>
      <KeptForm of={kept} onSubmit={save}>
        <TextField<NumberForm> name="number" label="Number" type="tel" placeholder="+1 555 0199" />
        <TextField<NumberForm> name="label" label="Label" placeholder="Front desk" optional />
        <SelectField<NumberForm>
          name="direction"
          label="Direction"
          choices={Object.entries(DIRECTION_LABEL).map(([value, label]) => ({ value, label }))}
        />
        <SelectField<NumberForm>
          name="bot_id"
          label="Inbound bot"
          hint="Who answers when somebody calls this number"
          choices={[
            { value: '', label: 'Nobody' },
            ...(isUnknown ? [{ value: did.bot_id, label: did.bot_id }] : []),
            ...names,
          ]}
        />
        <FormEnd error={error} failed="Not saved" busy={form.formState.isSubmitting && 'Saving …'} onCancel={onClose}>
          {did ? 'Save' : 'Add number'}
        </FormEnd>
      </KeptForm>
    </Dialog>
  );
}

function RemoveNumber({ carrier, did, onClose }: { carrier: Carrier; did: Did; onClose: () => void }) {
  const toast = useToast();
  const { removeNumber } = useCarrierChanges();
  return (
    <Confirm
      open
      onOpenChange={onClose}
      title={`Remove ${phone(did.number)}?`}
      action="Remove"
      busyText="Removing …"
      onConfirm={async () => {
        await removeNumber(carrier.carrier_id, did.did_id);
        toast(`${phone(did.number)} is removed`);
      }}
    >
      1 number of {carrier.name} goes. Nothing is called from it any more, and calls to it are answered by nobody.
    </Confirm>
  );
}
