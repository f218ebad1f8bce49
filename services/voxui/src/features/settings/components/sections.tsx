import { Fields } from '@/components/field';
import { NumberField, SecretField, SwitchField, TagsField, TextField } from '@/components/form-fields';
import { Badge } from '@/components/badge';
import { Notice } from '@/components/states';
import {
  settingsUpdateApiKeys,
  settingsUpdateFleet,
  settingsUpdateGeneral,
  settingsUpdateMinio,
  settingsUpdateProviders,
  settingsUpdateTimezone,
  type SettingsView,
} from '@/generated';

import { SectionForm } from './section-form';

interface Props {
  settings: SettingsView;
}

interface General {
  default_country: string;
  from_analysis: boolean;
  calls_days: number;
  recordings_days: number;
  public_recording_days: number;
  audit_days: number;
}

export function GeneralSection({ settings }: Props) {
  const revision = settings.revision ?? null;
  return (
    <div className="space-y-4">
      <SectionForm
        title="Time zone"
        hint="Every time in this console is shown in it"
        values={{ display_timezone: settings.display_timezone ?? 'UTC' }}
        save={(values) => settingsUpdateTimezone({ body: { ...values, revision } })}
      >
        <TextField<{ display_timezone: string }> name="display_timezone" label="Zone" list="all-zones" />
        <datalist id="all-zones">
          {Intl.supportedValuesOf('timeZone').map((zone) => (
            <option key={zone} value={zone} />
          ))}
        </datalist>
      </SectionForm>
      <SectionForm<General>
        title="General"
        values={{
          default_country: settings.default_country ?? '',
          from_analysis: settings.dnc?.from_analysis ?? true,
          calls_days: settings.retention?.calls_days ?? 0,
          recordings_days: settings.retention?.recordings_days ?? 0,
          public_recording_days: settings.retention?.public_recording_days ?? 0,
          audit_days: settings.retention?.audit_days ?? 365,
        }}
        save={({ default_country, from_analysis, ...retention }) =>
          settingsUpdateGeneral({ body: { default_country, dnc: { from_analysis }, retention, revision } })
        }
      >
        <TextField<General>
          name="default_country"
          label="Country of numbers without a country code"
          placeholder="IN"
          hint="Two letters. Empty: such numbers are refused."
        />
        <SwitchField<General>
          name="from_analysis"
          label="Analysis may put numbers on the do-not-call list"
          hint="When a customer asks not to be called again."
        />
        <Fields>
          <NumberField<General>
            name="calls_days"
            label="Keep calls"
            min={0}
            max={36500}
            unit="days"
            hint="0 keeps them for ever"
          />
          <NumberField<General>
            name="recordings_days"
            label="Keep recordings"
            min={0}
            max={36500}
            unit="days"
            hint="0 keeps them for ever"
          />
          <NumberField<General>
            name="public_recording_days"
            label="Public recording links work for"
            min={0}
            max={36500}
            unit="days"
            hint="0: for ever"
          />
          <NumberField<General>
            name="audit_days"
            label="Keep the audit log"
            min={0}
            max={36500}
            unit="days"
            hint="0 keeps it for ever"
          />
        </Fields>
      </SectionForm>
    </div>
  );
}

const KEYS = [
  ['openai_compatible', 'OpenAI-compatible'],
  ['openai', 'OpenAI'],
  ['google', 'Google Gemini'],
  ['google_vertex', 'Google Vertex AI (service account, JSON)'],
  ['deepgram', 'Deepgram'],
  ['soniox', 'Soniox'],
  ['elevenlabs', 'ElevenLabs'],
  ['sarvam', 'Sarvam'],
] as const;
type KeyName = (typeof KEYS)[number][0];

export function ProvidersSection({ settings }: Props) {
  const revision = settings.revision ?? null;
  const masks = settings.api_keys ?? {};
  return (
    <div className="space-y-4">
      <SectionForm
        title="OpenAI-compatible service"
        hint="Used by each stage of a bot that has no address of its own"
        values={{ base_url: settings.openai_compatible?.base_url ?? '' }}
        save={(values) => settingsUpdateProviders({ body: { ...values, revision } })}
      >
        <TextField<{ base_url: string }>
          name="base_url"
          label="Address"
          placeholder="http://localhost:8060/v1"
          hint="Ends in /v1"
        />
      </SectionForm>
      <SectionForm<Record<KeyName, string | null>>
        title="Provider keys"
        hint="For bots that have no key of their own. A stored key is never shown again; empty fields keep it, Remove takes it away."
        values={Object.fromEntries(KEYS.map(([name]) => [name, ''])) as Record<KeyName, string | null>}
        save={(values) => {
          const written = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''));
          return settingsUpdateApiKeys({ body: { ...written, revision } });
        }}
      >
        {KEYS.map(([name, label]) => (
          <div key={name} className="grid grid-cols-[1fr_auto] items-end gap-3">
            <SecretField<Record<KeyName, string | null>> name={name} label={label} mask={String(masks[name] ?? '')} />
            <span className="pb-2">
              <Badge tone={masks[name] ? 'ok' : 'neutral'}>{masks[name] ? 'set' : 'missing'}</Badge>
            </span>
          </div>
        ))}
      </SectionForm>
    </div>
  );
}

interface Storage {
  endpoint: string;
  bucket: string;
  region: string;
  secure: boolean;
  access_key: string;
  secret_key: string | null;
}

export function StorageSection({ settings }: Props) {
  const { minio } = settings;
  return (
    <SectionForm<Storage>
      title="Object storage"
      hint="Where recordings are kept: any store that speaks S3"
      values={{
        endpoint: minio.endpoint ?? '', bucket: minio.bucket ?? '', region: minio.region ?? '', secure: minio.secure ?? false,
        access_key: minio.access_key ?? '', secret_key: '',
      }} // prettier-ignore
      save={({ secret_key, ...values }) =>
        settingsUpdateMinio({
          body: {
            ...values,
            ...(secret_key === '' ? {} : { secret_key }),
            revision: settings.revision ?? null,
          },
        })
      }
    >
      {minio.source === 'environment' && (
        <Notice>Now the store of the environment is used. Fill in all fields to use another one.</Notice>
      )}
      <Fields>
        <TextField<Storage> name="endpoint" label="Endpoint" placeholder="minio.example.com:9000" />
        <TextField<Storage> name="bucket" label="Bucket" />
        <TextField<Storage> name="access_key" label="Access key" autoComplete="off" />
        <SecretField<Storage> name="secret_key" label="Secret key" mask={String(minio.secret_key ?? '')} />
        <TextField<Storage> name="region" label="Region" optional />
        <div className="sm:pt-6">
          <SwitchField<Storage> name="secure" label="Encrypted connection (https)" />
        </div>
      </Fields>
    </SectionForm>
  );
}

interface Fleet {
  core_fleet: string[];
  public_wss_base: string;
}

export function FleetSection({ settings }: Props) {
  return (
    <SectionForm<Fleet>
      title="Fleet"
      hint="Where voxbridge finds the workers. A change counts at once."
      values={{ core_fleet: settings.core_fleet ?? [], public_wss_base: settings.public_wss_base ?? '' }}
      save={(values) => settingsUpdateFleet({ body: { ...values, revision: settings.revision ?? null } })}
    >
      <TagsField<Fleet>
        name="core_fleet"
        label="Worker addresses"
        placeholder="http://worker-1:8001"
        hint="One for each host; Enter adds one"
      />
      <TextField<Fleet>
        name="public_wss_base"
        label="Public socket address"
        placeholder="wss://calls.example.com"
        optional
        hint="How carriers and browsers reach the workers. Empty: the first worker’s address."
      />
    </SectionForm>
  );
}
