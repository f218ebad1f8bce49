import { useFieldArray, useFormContext, type FieldArrayPath } from 'react-hook-form';

import { Button, IconButton } from '@/components/button';
import { Input } from '@/components/field';

import type { BotForm } from '../lib/form';

interface PairListProps {
  name: string;
  label: string;
  keyLabel: string;
  valueLabel: string;
  add: string;
}

/** Names and values: headers, query parameters, mappings. */
export function PairList({ name, label, keyLabel, valueLabel, add }: PairListProps) {
  const { control, register } = useFormContext<BotForm>();
  const list = useFieldArray({ control, name: name as FieldArrayPath<BotForm> });
  return (
    <fieldset>
      <legend className="mb-1 text-[0.8125rem] font-medium">{label}</legend>
      <div className="space-y-2">
        {list.fields.map((field, at) => (
          <div key={field.id} className="flex gap-2">
            <Input
              aria-label={`${keyLabel} ${at + 1}`}
              placeholder={keyLabel}
              className="font-mono text-xs!"
              {...register(`${name}.${at}.key` as keyof BotForm)}
            />
            <Input
              aria-label={`${valueLabel} ${at + 1}`}
              placeholder={valueLabel}
              className="font-mono text-xs!"
              {...register(`${name}.${at}.value` as keyof BotForm)}
            />
            <IconButton
              icon="close"
              label={`Remove ${keyLabel.toLowerCase()} ${at + 1}`}
              className="mt-0.5"
              onClick={() => {
                list.remove(at);
              }}
            />
          </div>
        ))}
        <Button
          small
          icon="plus"
          onClick={() => {
            list.append({ key: '', value: '' } as never);
          }}
        >
          {add}
        </Button>
      </div>
    </fieldset>
  );
}
