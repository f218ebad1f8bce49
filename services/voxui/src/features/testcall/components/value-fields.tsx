import { Field, Input } from '@/components/field';

interface ValueFieldsProps {
  variables: string[];
  values: Record<string, string>;
  onChange: (values: Record<string, string>) => void;
}

/** What the bot's texts ask for, to be filled by whoever tests it. */
export function ValueFields({ variables, values, onChange }: ValueFieldsProps) {
  if (variables.length === 0) return null;
  return (
    <fieldset>
      <legend className="mb-2 text-[0.8125rem] font-medium">Values that the bot’s texts ask for</legend>
      <div className="grid gap-3 sm:grid-cols-2">
        {variables.map((name) => (
          <Field key={name} label={name} optional>
            <Input
              value={values[name] ?? ''}
              onChange={(event) => {
                onChange({ ...values, [name]: event.target.value });
              }}
            />
          </Field>
        ))}
      </div>
    </fieldset>
  );
}

/** Those that were filled. */
export const filled = (values: Record<string, string>) =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''));
