/** Fields of a form by name: each finds its value and its error in the form around it. */
import { useRef, useState, type ReactNode } from 'react';
import { Controller, useFormContext, type FieldPath, type FieldValues } from 'react-hook-form';

import { Button, IconButton } from './button';
import { Field, Input, PasswordInput, Select, Switch, Tags, Textarea } from './field';
import { useSecret } from './kept-form';

interface Common<T extends FieldValues> {
  name: FieldPath<T>;
  label: string;
  hint?: ReactNode;
  optional?: boolean;
}

const errorAt = (errors: unknown, path: string): string | undefined => {
  const found = path
    .split('.')
    .reduce<unknown>((part, key) => (part as Record<string, unknown> | undefined)?.[key], errors);
  const message = (found as { message?: unknown } | undefined)?.message;
  return typeof message === 'string' ? message : undefined;
};

function useField<T extends FieldValues>({ name, label, hint, optional }: Common<T>) {
  const { register, control, formState } = useFormContext<T>();
  const error = errorAt(formState.errors, name);
  return { register, control, frame: { label, hint, error, ...(optional ? { optional } : {}) } };
}

export function TextField<T extends FieldValues>(
  props: Common<T> & { placeholder?: string; type?: string; list?: string; autoComplete?: string; disabled?: boolean },
) {
  const { register, frame } = useField(props);
  const { placeholder, type, list, autoComplete, disabled } = props;
  return (
    <Field {...frame}>
      <Input
        {...register(props.name)}
        {...(disabled ? { disabled } : {})}
        {...{ placeholder, type, list, autoComplete }}
      />
    </Field>
  );
}

export function AreaField<T extends FieldValues>(
  props: Common<T> & { rows?: number; mono?: boolean; placeholder?: string },
) {
  const { register, frame } = useField(props);
  return (
    <Field {...frame}>
      <Textarea
        {...register(props.name)}
        rows={props.rows ?? 4}
        placeholder={props.placeholder}
        className={props.mono ? 'font-mono text-xs!' : ''}
        spellCheck={!props.mono}
      />
    </Field>
  );
}

export function PasswordField<T extends FieldValues>(props: Common<T> & { autoComplete: string }) {
  useSecret(props.name);
  const { register, frame } = useField(props);
  return (
    <Field {...frame}>
      <PasswordInput {...register(props.name)} autoComplete={props.autoComplete} />
    </Field>
  );
}

/** A stored secret: its mask is shown, never sent; empty keeps what is stored, null clears it. */
export function SecretField<T extends FieldValues>(props: Common<T> & { mask: string }) {
  useSecret(props.name);
  const { control, frame } = useField(props);
  return (
    <Controller
      control={control}
      name={props.name}
      render={({ field }) => (
        <Field {...frame}>
          <SecretInput what={props.label} mask={props.mask} value={field.value as string | null} {...handlers(field)} />
        </Field>
      )}
    />
  );
}

const handlers = ({ onChange, onBlur }: { onChange: (value: string | null) => void; onBlur: () => void }) => ({
  onChange,
  onBlur,
});

interface SecretInputProps {
  what: string;
  mask: string;
  value: string | null;
  onChange: (value: string | null) => void;
  onBlur: () => void;
}

/** The mask with Replace and Remove beside it; a field to type in once there is nothing stored, or it is replaced. */
function SecretInput({ what, mask, value, onChange, onBlur, ...rest }: SecretInputProps) {
  const input = useRef<HTMLInputElement>(null);
  const [replacing, setReplacing] = useState(false);
  const isShown = mask !== '' && !replacing && value === '';
  const isCleared = value === null;
  return (
    <span className="flex items-center gap-1.5">
      <Input
        {...rest}
        ref={input}
        type={isShown ? 'text' : 'password'}
        autoComplete="off"
        readOnly={isShown || isCleared}
        value={isShown ? mask : (value ?? '')}
        placeholder={isCleared ? 'Will be removed' : mask ? 'Empty: the stored one stays' : 'Not set'}
        className={isShown ? 'font-mono' : ''}
        onChange={(event) => {
          onChange(event.target.value);
        }}
        onBlur={() => {
          setReplacing(false);
          onBlur();
        }}
      />
      {isShown && (
        <>
          <Button
            aria-label={`Replace ${what}`}
            onClick={() => {
              setReplacing(true);
              input.current?.focus();
            }}
          >
            Replace
          </Button>
          <IconButton
            icon="trash"
            label={`Remove ${what}`}
            onClick={() => {
              onChange(null);
            }}
          />
        </>
      )}
      {isCleared && (
        <Button
          aria-label={`Keep ${what}`}
          onClick={() => {
            onChange('');
          }}
        >
          Keep
        </Button>
      )}
    </span>
  );
}

export function SelectField<T extends FieldValues>(
  props: Common<T> & { choices: { value: string; label: string }[]; onPicked?: (value: string) => void },
) {
  const { register, frame } = useField(props);
  return (
    <Field {...frame}>
      <Select
        {...register(props.name, {
          onChange: (event: { target: { value: string } }) => props.onPicked?.(event.target.value),
        })}
      >
        {props.choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.label}
          </option>
        ))}
      </Select>
    </Field>
  );
}

export function SwitchField<T extends FieldValues>(props: Common<T>) {
  const { control, frame } = useField(props);
  return (
    <Controller
      control={control}
      name={props.name}
      render={({ field }) => (
        <Switch label={frame.label} hint={frame.hint} checked={Boolean(field.value)} onChange={field.onChange} />
      )}
    />
  );
}

export function TagsField<T extends FieldValues>(props: Common<T> & { placeholder?: string }) {
  const { control, frame } = useField(props);
  return (
    <Controller
      control={control}
      name={props.name}
      render={({ field }) => (
        <Field {...frame}>
          <Tags
            values={field.value as string[]}
            onChange={field.onChange}
            {...(props.placeholder ? { placeholder: props.placeholder } : {})}
          />
        </Field>
      )}
    />
  );
}

interface NumberProps {
  min: number;
  max: number;
  step?: number;
  unit?: string;
}

export function NumberField<T extends FieldValues>(props: Common<T> & NumberProps) {
  const { control, frame } = useField(props);
  return (
    <Controller
      control={control}
      name={props.name}
      render={({ field }) => (
        <NumberInput {...props} frame={frame} value={Number(field.value)} onChange={field.onChange} />
      )}
    />
  );
}

interface NumberInputProps extends NumberProps {
  frame: { label: string; hint: ReactNode; error: string | undefined };
  value: number;
  onChange: (value: number) => void;
}

/** Accepts anything while typing, checks on leaving, and restores the last good value with a note. */
function NumberInput({ frame, value, onChange, min, max, step = 1, unit }: NumberInputProps) {
  const [draft, setDraft] = useState<string | null>(null);
  const [note, setNote] = useState('');
  const check = () => {
    if (draft === null) return;
    const next = Number(draft.replace(',', '.'));
    const fits =
      draft.trim() !== '' &&
      Number.isFinite(next) &&
      next >= min &&
      next <= max &&
      (step < 1 || Number.isInteger(next));
    const kind = step < 1 ? 'a number' : 'a whole number';
    setNote(fits ? '' : `“${draft}” is not ${kind} from ${min} to ${max}: ${value} stays.`);
    if (fits) onChange(next);
    setDraft(null);
  };
  const range = `${min.toLocaleString('en')} to ${max.toLocaleString('en')}${unit ? ` ${unit}` : ''}`;
  return (
    <Field
      label={frame.label}
      error={frame.error}
      hint={
        note ||
        (frame.hint ? (
          <>
            {frame.hint} ({range})
          </>
        ) : (
          range
        ))
      }
    >
      <Input
        inputMode="decimal"
        value={draft ?? String(value)}
        onChange={(event) => {
          setDraft(event.target.value);
        }}
        onBlur={check}
        onKeyDown={(event) => {
          if (event.key === 'Enter') check();
        }}
      />
    </Field>
  );
}
