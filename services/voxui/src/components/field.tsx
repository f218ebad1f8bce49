/** Form parts: a label, a control, a hint, an error, tied together by ids. */
import { Switch as RadixSwitch } from 'radix-ui';
import {
  cloneElement,
  useId,
  useState,
  type InputHTMLAttributes,
  type ReactElement,
  type ReactNode,
  type Ref,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
} from 'react';

import { IconButton } from './button';

const CONTROL =
  'w-full rounded-lg border border-line-strong/70 bg-surface px-3 text-sm text-ink placeholder:text-muted ' +
  'aria-[invalid=true]:border-bad disabled:bg-sunken disabled:text-muted';

interface FieldProps {
  label: string;
  hint?: ReactNode;
  error?: string | undefined;
  optional?: boolean;
  children: ReactElement<{ id?: string; 'aria-describedby'?: string; 'aria-invalid'?: boolean }>;
}

export function Field({ label, hint, error, optional, children }: FieldProps) {
  const id = useId();
  const described = [error ? `${id}-error` : '', hint ? `${id}-hint` : ''].filter(Boolean).join(' ');
  return (
    <div className="min-w-0">
      <label htmlFor={id} className="mb-1 block text-[0.8125rem] font-medium">
        {label}
        {optional && <span className="font-normal text-muted"> (optional)</span>}
      </label>
      {cloneElement(children, {
        id,
        ...(described ? { 'aria-describedby': described } : {}),
        ...(error ? { 'aria-invalid': true } : {}),
      })}
      {error && (
        <p id={`${id}-error`} className="mt-1 text-xs font-medium text-bad">
          {error}
        </p>
      )}
      {hint && (
        <p id={`${id}-hint`} className="mt-1 text-xs text-muted">
          {hint}
        </p>
      )}
    </div>
  );
}

interface FieldsProps {
  /** At most, where there is room. */
  columns?: 2 | 3;
  className?: string;
  children: ReactNode;
}

/** Fields that belong together, side by side. */
export function Fields({ columns = 2, className = '', children }: FieldsProps) {
  return (
    <div className={`grid gap-4 sm:grid-cols-2 ${columns === 3 ? 'lg:grid-cols-3' : ''} ${className}`}>{children}</div>
  );
}

type InputProps = InputHTMLAttributes<HTMLInputElement> & { ref?: Ref<HTMLInputElement> };

export const Input = ({ className = '', ...rest }: InputProps) => (
  <input {...rest} className={`${CONTROL} h-9 ${className}`} />
);

export function PasswordInput(props: InputProps) {
  const [shown, setShown] = useState(false);
  const [caps, setCaps] = useState(false);
  return (
    <div>
      <div className="relative">
        <Input
          {...props}
          type={shown ? 'text' : 'password'}
          className="pr-16"
          onKeyUp={(event) => {
            setCaps(event.getModifierState('CapsLock'));
          }}
        />
        <button
          type="button"
          aria-pressed={shown}
          aria-label="Show password"
          onClick={() => {
            setShown(!shown);
          }}
          className="absolute inset-y-1 right-1 rounded-md px-2 text-xs font-medium text-muted hover:text-ink"
        >
          {shown ? 'Hide' : 'Show'}
        </button>
      </div>
      {caps && <p className="mt-1 text-xs text-warn">Caps lock is on.</p>}
    </div>
  );
}

type TextareaProps = TextareaHTMLAttributes<HTMLTextAreaElement> & { ref?: Ref<HTMLTextAreaElement> };

export const Textarea = ({ className = '', ...rest }: TextareaProps) => (
  <textarea rows={4} {...rest} className={`${CONTROL} py-2 leading-relaxed ${className}`} />
);

type SelectProps = SelectHTMLAttributes<HTMLSelectElement> & { ref?: Ref<HTMLSelectElement> };

/** The browser's own list: it knows keyboards, screen readers and telephones best. */
export const Select = ({ className = '', ...rest }: SelectProps) => (
  <select {...rest} className={`${CONTROL} h-9 pr-8 ${className}`} />
);

interface SwitchProps {
  label: string;
  hint?: ReactNode;
  checked: boolean;
  onChange: (checked: boolean) => void;
  disabled?: boolean;
}

export function Switch({ label, hint, checked, onChange, disabled }: SwitchProps) {
  const id = useId();
  return (
    <div className="flex items-start gap-3">
      <RadixSwitch.Root
        id={id}
        checked={checked}
        onCheckedChange={onChange}
        {...(disabled ? { disabled } : {})}
        {...(hint ? { 'aria-describedby': `${id}-hint` } : {})}
        className="mt-0.5 h-5 w-9 shrink-0 rounded-full border border-line-strong bg-line-strong transition-colors disabled:opacity-50 data-[state=checked]:border-brand data-[state=checked]:bg-brand"
      >
        <RadixSwitch.Thumb className="block size-4 translate-x-px rounded-full bg-white transition-transform data-[state=checked]:translate-x-[1.05rem] dark:data-[state=checked]:bg-on-brand" />
      </RadixSwitch.Root>
      <div className="min-w-0">
        <label htmlFor={id} className="text-sm font-medium">
          {label}
        </label>
        {hint && (
          <p id={`${id}-hint`} className="text-xs text-muted">
            {hint}
          </p>
        )}
      </div>
    </div>
  );
}

interface TagsProps {
  id?: string;
  'aria-describedby'?: string;
  'aria-invalid'?: boolean;
  values: string[];
  onChange: (values: string[]) => void;
  placeholder?: string;
}

/** A list of words; Enter or comma adds one. */
export function Tags({ values, onChange, placeholder, ...rest }: TagsProps) {
  const [draft, setDraft] = useState('');
  const add = () => {
    const fresh = draft
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part && !values.includes(part));
    if (fresh.length > 0) onChange([...values, ...fresh]);
    setDraft('');
  };
  return (
    <div className={`${CONTROL} flex min-h-9 flex-wrap items-center gap-1 py-1`}>
      {values.map((value) => (
        <span key={value} className="inline-flex items-center rounded-md bg-sunken pl-2 font-mono text-xs">
          {value}
          <IconButton
            icon="close"
            label={`Remove ${value}`}
            className="size-6"
            onClick={() => {
              onChange(values.filter((other) => other !== value));
            }}
          />
        </span>
      ))}
      <input
        {...rest}
        value={draft}
        placeholder={values.length === 0 ? placeholder : ''}
        className="h-6 min-w-24 grow bg-transparent outline-offset-4"
        onChange={(event) => {
          setDraft(event.target.value);
        }}
        onBlur={add}
        onKeyDown={(event) => {
          if (event.key === 'Enter' || event.key === ',') {
            event.preventDefault();
            add();
          }
        }}
      />
    </div>
  );
}
