import { useState } from 'react';
import { useWatch, type FieldPath } from 'react-hook-form';

import { Panel } from '@/components/card';
import { showRefusals } from '@/components/form';
import { Fields } from '@/components/field';
import { FormEnd } from '@/components/form-end';
import { NumberField, SecretField, SelectField, TagsField, TextField } from '@/components/form-fields';
import { KeptForm, useKeptForm } from '@/components/kept-form';
import type { Carrier } from '@/generated';

import { EMPTY, refusalsOf, type CarrierForm } from '../lib/form';
import { ADAPTER_LABEL, WAY_LABEL } from '../lib/labels';

interface CarrierFormProps {
  values: CarrierForm;
  /** The stored carrier, for the masks of its secrets; null: a new one. */
  stored: Carrier | null;
  action: string;
  /** Throws ApiError. */
  save: (form: CarrierForm) => Promise<unknown>;
  onCancel: () => void;
}

const choices = (labels: Record<string, string>) => Object.entries(labels).map(([value, label]) => ({ value, label }));

export function CarrierFormView({ values, stored, action, save, onCancel }: CarrierFormProps) {
  const kept = useKeptForm<CarrierForm>({ name: `carrier_${stored?.carrier_id ?? 'new'}`, defaultValues: values });
  const { form } = kept;
  const [error, setError] = useState<unknown>(null);
  const originate = useWatch({ control: form.control, name: 'originate' });
  const submit = async (written: CarrierForm) => {
    setError(null);
    const refused = refusalsOf(written);
    refused.forEach(([name, message], position) => {
      form.setError(name as FieldPath<CarrierForm>, { message }, { shouldFocus: position === 0 });
    });
    if (refused.length > 0) return;
    try {
      await kept.saving(() => save(written));
    } catch (caught) {
      setError(showRefusals(form, caught, Object.keys(EMPTY)));
    }
  };
  return (
    <KeptForm of={kept} onSubmit={submit} className="max-w-4xl space-y-4">
      <Panel title="Connection">
        <Fields>
          <TextField<CarrierForm> name="name" label="Name" autoComplete="off" />
          <SelectField<CarrierForm>
            name="originate"
            label="Way"
            choices={choices(WAY_LABEL)}
            hint="Who rings the callee: the carrier by its API, or a worker over a SIP trunk."
          />
          {originate === 'livekit_sip' ? <SipFields /> : <RestFields stored={stored} />}
        </Fields>
      </Panel>
      {originate === 'livekit_sip' && <Authentication stored={stored} />}
      <Panel title="Limits" hint="Kept by the dialler. Set them below what the carrier allows">
        <Fields columns={3}>
          <NumberField<CarrierForm> name="outbound_cps" label="Calls a second" min={0.1} max={100} step={0.1} />
          <NumberField<CarrierForm>
            name="outbound_burst"
            label="Burst"
            min={1}
            max={1000}
            hint="At once, after a pause"
          />
          <NumberField<CarrierForm>
            name="outbound_channels"
            label="Channels"
            min={1}
            max={500}
            hint="Calls at a time"
          />
        </Fields>
      </Panel>
      <FormEnd
        error={error}
        failed="Not saved"
        busy={form.formState.isSubmitting && 'Saving …'}
        onCancel={onCancel}
        place="page"
      >
        {action}
      </FormEnd>
    </KeptForm>
  );
}

function SipFields() {
  return (
    <>
      <TextField<CarrierForm> name="sip_address" label="SIP address" placeholder="sip.example.com:5060" />
      <SelectField<CarrierForm>
        name="transport"
        label="Transport"
        choices={choices({ auto: 'Automatic', udp: 'UDP', tcp: 'TCP', tls: 'TLS' })}
      />
      <TextField<CarrierForm> name="destination_country" label="Country" placeholder="IN" hint="Two letters" optional />
    </>
  );
}

function RestFields({ stored }: { stored: Carrier | null }) {
  const adapter = useWatch<CarrierForm, 'rest.adapter'>({ name: 'rest.adapter' });
  return (
    <>
      <SelectField<CarrierForm> name="rest.adapter" label="Adapter" choices={choices(ADAPTER_LABEL)} />
      <TextField<CarrierForm>
        name="rest.base_url"
        label="API address"
        placeholder="https://api.example.com"
        hint={`Without the path of the account.${stored ? ' A new address needs key and token again.' : ''}`}
      />
      <TextField<CarrierForm> name="rest.account_sid" label="Account" autoComplete="off" />
      <SecretField<CarrierForm> name="rest.api_key" label="API key" mask={stored?.rest?.api_key ?? ''} />
      <SecretField<CarrierForm> name="rest.api_token" label="API token" mask={stored?.rest?.api_token ?? ''} />
      {adapter === 'exotel' && (
        <TextField<CarrierForm>
          name="rest.flow_url"
          label="Flow address"
          optional
          hint="A flow that connects the callee. Empty: Exotel opens the worker’s socket itself."
        />
      )}
    </>
  );
}

function Authentication({ stored }: { stored: Carrier | null }) {
  const mode = useWatch<CarrierForm, 'inbound_auth_mode'>({ name: 'inbound_auth_mode' });
  return (
    <Panel title="Authentication" hint="The shared name and password count where a direction has none of its own">
      <Fields>
        <TextField<CarrierForm> name="auth_username" label="Shared user name" autoComplete="off" optional />
        <SecretField<CarrierForm> name="auth_password" label="Shared password" mask={stored?.auth_password ?? ''} />
        <SelectField<CarrierForm>
          name="inbound_auth_mode"
          label="Inbound calls prove themselves by"
          choices={choices({ credentials: 'Password', ip: 'IP address' })}
        />
        {mode === 'ip' ? (
          <TagsField<CarrierForm>
            name="inbound_allowed_addresses"
            label="Inbound addresses"
            placeholder="203.0.113.0/24"
            hint="Addresses and networks; Enter adds one"
          />
        ) : (
          <>
            <span className="hidden sm:block" />
            <TextField<CarrierForm>
              name="inbound_auth_username"
              label="Inbound user name"
              autoComplete="off"
              optional
            />
            <SecretField<CarrierForm>
              name="inbound_auth_password"
              label="Inbound password"
              mask={stored?.inbound_auth_password ?? ''}
            />
          </>
        )}
        <TextField<CarrierForm> name="outbound_auth_username" label="Outbound user name" autoComplete="off" optional />
        <SecretField<CarrierForm>
          name="outbound_auth_password"
          label="Outbound password"
          mask={stored?.outbound_auth_password ?? ''}
        />
      </Fields>
    </Panel>
  );
}
