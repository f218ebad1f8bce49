import { useFieldArray, useFormContext, useWatch } from 'react-hook-form';

import { Button, IconButton } from '@/components/button';
import { Panel } from '@/components/card';
import { Fields } from '@/components/field';
import { AreaField, NumberField, SecretField, SelectField, SwitchField, TextField } from '@/components/form-fields';
import type { Bot } from '@/generated';

import type { BotForm, ToolForm } from '../lib/form';
import { PairList } from './pair-list';

const NEW_TOOL: ToolForm = {
  name: '', description: '', has_api: true, method: 'GET', url: '', timing: 'immediate', hold_message_intent: '',
  timeout_seconds: 8, headers: [], query_params: [], body_template: '', parameters: [],
  guidance: { success: '', failure: '', timeout: '', missing_info: '' },
}; // prettier-ignore

export function StepTools({ bot }: { bot: Bot }) {
  return (
    <div className="space-y-4">
      <Tools />
      <Targets />
      <Prefetch />
      <Push mask={String(bot.post_call_push?.signing_secret ?? '')} />
    </div>
  );
}

function Tools() {
  const { control } = useFormContext<BotForm>();
  const list = useFieldArray({ control, name: 'custom_tools' });
  return (
    <Panel
      title="Custom tools"
      hint="Functions that the language model may call during the conversation"
      actions={
        <Button
          small
          icon="plus"
          onClick={() => {
            list.append(NEW_TOOL);
          }}
        >
          Add a tool
        </Button>
      }
    >
      {list.fields.length === 0 && (
        <p className="text-muted">No tools. Add one to look up an order, book a slot, or note a wish.</p>
      )}
      <div className="space-y-4">
        {list.fields.map((field, at) => (
          <Tool
            key={field.id}
            at={at}
            onRemove={() => {
              list.remove(at);
            }}
          />
        ))}
      </div>
    </Panel>
  );
}

function Tool({ at, onRemove }: { at: number; onRemove: () => void }) {
  const { control } = useFormContext<BotForm>();
  const base = `custom_tools.${at}` as const;
  const tool = useWatch<BotForm, `custom_tools.${number}`>({ name: base });
  const parameters = useFieldArray({ control, name: `${base}.parameters` });
  return (
    <fieldset className="rounded-xl border border-line p-4">
      <legend className="sr-only">Tool {at + 1}</legend>
      <div className="space-y-4">
        <div className="flex items-start gap-2">
          <div className="grid min-w-0 grow gap-4 sm:grid-cols-[14rem_1fr]">
            <TextField<BotForm> name={`${base}.name`} label="Name" placeholder="check_order" />
            <TextField<BotForm>
              name={`${base}.description`}
              label="When to call it"
              placeholder="When the customer asks where an order is"
            />
          </div>
          <IconButton icon="trash" label={`Remove tool ${tool.name || at + 1}`} className="mt-6" onClick={onRemove} />
        </div>
        <SwitchField<BotForm>
          name={`${base}.has_api`}
          label="Calls an address"
          hint="Off: Vox only records that the bot wanted this."
        />
        {tool.has_api && (
          <>
            <Endpoint
              base={base}
              methods={['GET', 'POST']}
              placeholder="https://api.example.com/orders/{{order_id}}"
              limit={{ min: 1, max: 30 }}
            />
            <div className="grid gap-4 lg:grid-cols-2">
              <Headers base={base} />
              <QueryParameters name={`${base}.query_params`} />
            </div>
            {tool.method === 'POST' && (
              <AreaField<BotForm>
                name={`${base}.body_template`}
                label="Body (JSON)"
                mono
                rows={3}
                placeholder='{"id": "{{order_id}}"}'
              />
            )}
          </>
        )}
        <Fields>
          <SelectField<BotForm>
            name={`${base}.timing`}
            label="While it runs"
            choices={[
              { value: 'immediate', label: 'Wait in silence' },
              { value: 'speak_then_run', label: 'Say something, then run' },
              { value: 'speak_and_run_parallel', label: 'Say something meanwhile' },
            ]}
          />
          {tool.timing !== 'immediate' && (
            <TextField<BotForm>
              name={`${base}.hold_message_intent`}
              label="What to say meanwhile"
              placeholder="That you are looking it up"
            />
          )}
        </Fields>
        <fieldset>
          <legend className="mb-1 text-[0.8125rem] font-medium">What the bot must know to call it</legend>
          <div className="space-y-3">
            {parameters.fields.map((field, number) => (
              <div key={field.id} className="flex items-start gap-2">
                <div className="grid min-w-0 grow gap-2 sm:grid-cols-[9rem_7rem_1fr]">
                  <TextField<BotForm> name={`${base}.parameters.${number}.name`} label="Name" placeholder="order_id" />
                  <SelectField<BotForm>
                    name={`${base}.parameters.${number}.type`}
                    label="Kind"
                    choices={['string', 'number', 'integer', 'boolean'].map((value) => ({ value, label: value }))}
                  />
                  <TextField<BotForm> name={`${base}.parameters.${number}.description`} label="Description" />
                </div>
                <div className="pt-7">
                  <SwitchField<BotForm> name={`${base}.parameters.${number}.required`} label="Required" />
                </div>
                <IconButton
                  icon="close"
                  label={`Remove parameter ${number + 1}`}
                  className="mt-6"
                  onClick={() => {
                    parameters.remove(number);
                  }}
                />
              </div>
            ))}
            <Button
              small
              icon="plus"
              onClick={() => {
                parameters.append({ name: '', type: 'string', description: '', required: true, enum: '' });
              }}
            >
              Add a value
            </Button>
          </div>
        </fieldset>
        <details>
          <summary className="text-[0.8125rem] font-medium text-muted">Hints for the bot about each result</summary>
          <Fields className="mt-3">
            <TextField<BotForm> name={`${base}.guidance.success`} label="After success" />
            <TextField<BotForm> name={`${base}.guidance.failure`} label="After a failure" />
            <TextField<BotForm> name={`${base}.guidance.timeout`} label="After a time-out" />
            <TextField<BotForm> name={`${base}.guidance.missing_info`} label="When a value is missing" />
          </Fields>
        </details>
      </div>
    </fieldset>
  );
}

interface EndpointProps {
  base: `custom_tools.${number}` | 'crm_prefetch' | 'post_call_push';
  methods: string[];
  placeholder: string;
  /** Seconds. */
  limit: { min: number; max: number; step?: number };
}

/** The address that a tool or an integration calls. */
function Endpoint({ base, methods, placeholder, limit }: EndpointProps) {
  return (
    <div className="grid gap-4 sm:grid-cols-[7rem_1fr_9rem]">
      <SelectField<BotForm>
        name={`${base}.method`}
        label="Method"
        choices={methods.map((value) => ({ value, label: value }))}
      />
      <TextField<BotForm> name={`${base}.url`} label="Address" placeholder={placeholder} />
      <NumberField<BotForm> name={`${base}.timeout_seconds`} label="Time limit" unit="s" {...limit} />
    </div>
  );
}

const Headers = ({ base }: Pick<EndpointProps, 'base'>) => (
  <PairList name={`${base}.headers`} label="Headers" keyLabel="Header" valueLabel="Value" add="Add a header" />
);
const QueryParameters = ({ name }: { name: string }) => (
  <PairList name={name} label="Query parameters" keyLabel="Parameter" valueLabel="Value" add="Add a parameter" />
);

const TARGET_KINDS = [
  { value: 'websocket_reverse_transfer', label: 'WebSocket carrier' },
  { value: 'livekit_sip_refer', label: 'SIP REFER (LiveKit)' },
];
const TARGET_TYPES = ['extension', 'phone_number', 'sip_uri', 'tel_uri'].map((value) => ({
  value,
  label: value.replace('_', ' '),
}));

function Targets() {
  const { control } = useFormContext<BotForm>();
  const list = useFieldArray({ control, name: 'transfer_targets' });
  return (
    <Panel
      title="Transfer targets"
      hint="Where a call can be handed to"
      actions={
        <Button
          small
          icon="plus"
          onClick={() => {
            list.append({
              id: `target_${list.fields.length + 1}`, label: '', method: 'websocket_reverse_transfer', type: 'extension',
              value: '', is_default: list.fields.length === 0, enabled: true,
            }); // prettier-ignore
          }}
        >
          Add a target
        </Button>
      }
    >
      {list.fields.length === 0 && <p className="text-muted">No targets: the bot cannot hand a call to a person.</p>}
      <div className="space-y-4">
        {list.fields.map((field, at) => (
          <div key={field.id} className="flex items-start gap-2">
            <div className="grid min-w-0 grow gap-3 sm:grid-cols-2 lg:grid-cols-5">
              <TextField<BotForm> name={`transfer_targets.${at}.id`} label="Id" />
              <TextField<BotForm> name={`transfer_targets.${at}.label`} label="Label" />
              <SelectField<BotForm> name={`transfer_targets.${at}.method`} label="Way" choices={TARGET_KINDS} />
              <SelectField<BotForm> name={`transfer_targets.${at}.type`} label="Kind" choices={TARGET_TYPES} />
              <TextField<BotForm> name={`transfer_targets.${at}.value`} label="Number or address" />
            </div>
            <IconButton
              icon="trash"
              label={`Remove target ${at + 1}`}
              className="mt-6"
              onClick={() => {
                list.remove(at);
              }}
            />
          </div>
        ))}
        {list.fields.length > 0 && (
          <TextField<BotForm> name="pre_transfer_message" label="Words before the transfer" optional />
        )}
      </div>
    </Panel>
  );
}

function Prefetch() {
  const on = useWatch<BotForm, 'crm_prefetch.enabled'>({ name: 'crm_prefetch.enabled' });
  return (
    <Panel
      title="Customer data before the call"
      hint="Asked from your system while the telephone rings; its answer fills {{crm.…}} tokens"
    >
      <div className="space-y-4">
        <SwitchField<BotForm> name="crm_prefetch.enabled" label="Fetch customer data" />
        {on && (
          <>
            <Endpoint
              base="crm_prefetch"
              methods={['GET', 'POST']}
              placeholder="https://crm.example.com/customers"
              limit={{ min: 1, max: 5, step: 0.5 }}
            />
            <div className="grid gap-4 lg:grid-cols-3">
              <Headers base="crm_prefetch" />
              <QueryParameters name="crm_prefetch.pairs" />
              <PairList
                name="crm_prefetch.mapping"
                label="Fields of the answer"
                keyLabel="Token"
                valueLabel="Path in the answer"
                add="Add a field"
              />
            </div>
          </>
        )}
      </div>
    </Panel>
  );
}

function Push({ mask }: { mask: string }) {
  const on = useWatch<BotForm, 'post_call_push.enabled'>({ name: 'post_call_push.enabled' });
  return (
    <Panel title="Results after the call" hint="Sent to your system when the analysis is done">
      <div className="space-y-4">
        <SwitchField<BotForm> name="post_call_push.enabled" label="Send results" />
        {on && (
          <>
            <Endpoint
              base="post_call_push"
              methods={['POST', 'PUT']}
              placeholder="https://crm.example.com/calls"
              limit={{ min: 1, max: 30 }}
            />
            <SecretField<BotForm> name="post_call_push.secret" label="Signing secret" mask={mask} optional />
            <div className="grid gap-4 lg:grid-cols-2">
              <Headers base="post_call_push" />
              <PairList
                name="post_call_push.mapping"
                label="Fields"
                keyLabel="Field"
                valueLabel="{{result.disposition}}"
                add="Add a field"
              />
            </div>
          </>
        )}
      </div>
    </Panel>
  );
}
