/** Every form of several fields: what is typed is kept in the tab until it is saved, and who leaves is asked. */
import {
  createContext,
  useCallback,
  useContext,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
  type ReactNode,
} from 'react';
import {
  FormProvider,
  get,
  set,
  useForm,
  type DefaultValues,
  type FieldErrors,
  type FieldValues,
  type UseFormProps,
  type UseFormReturn,
} from 'react-hook-form';

import { changedFields, dropDraft, keepDraft, readDraft } from '@/lib/draft';
import { useUnsaved } from '@/lib/leave';

import { Notice } from './states';

interface Draft<T> {
  values: Partial<T>;
  /** The version of the record that the changes began with. */
  revision: number | undefined;
}

interface Options<T extends FieldValues> extends UseFormProps<T> {
  /** Where the draft is kept: one name for each record. */
  name: string;
  defaultValues: DefaultValues<T>;
  revision?: number;
  /** Blanks secrets that stand in no field for secrets. */
  withoutSecrets?: (values: T) => T;
}

/** What is read anew never throws away what somebody is typing. */
const UNDER_THE_FINGERS = { keepDirtyValues: true, keepDirty: true };
const AFRESH = { keepDirtyValues: false, keepDirty: false };

export interface Kept<T extends FieldValues> {
  form: UseFormReturn<T>;
  /** Leaving now would lose something. */
  isUnsaved: () => boolean;
  /** What the tab had kept is shown, and not saved yet. */
  isBack: boolean;
  revision: number | undefined;
  /** Nothing is left to lose: the draft goes, and what stands in the form is its new beginning. */
  saved: () => void;
  /** Saves; from here on the way out does not ask, unless it fails. Throws what `write` throws. */
  saving: (write: () => Promise<unknown>) => Promise<void>;
  throwAway: () => void;
  /** Fields that are never kept. */
  secrets: Set<string>;
}

export function useKeptForm<T extends FieldValues>({
  name,
  revision,
  withoutSecrets,
  ...options
}: Options<T>): Kept<T> {
  const form = useForm<T>({ resetOptions: UNDER_THE_FINGERS, ...options });
  const { isDirty } = form.formState;
  const [draft, setDraft] = useState(() => readDraft<Draft<T>>(name));
  const [secrets] = useState(() => new Set<string>());
  const isSaving = useRef(false);
  const begun = draft?.revision ?? revision;

  const blank = (values: T, stored: object) => {
    const safe = structuredClone(values);
    for (const field of secrets) set(safe, field, get(stored, field));
    return withoutSecrets?.(safe) ?? safe;
  };

  useLayoutEffect(() => {
    if (draft) form.reset({ ...form.getValues(), ...draft.values }, { ...AFRESH, keepDefaultValues: true });
    return form.subscribe({
      formState: { values: true },
      callback: ({ values, defaultValues = {} }) => {
        const changed = changedFields(blank(values, defaultValues), defaultValues as Partial<T>);
        if (Object.keys(changed).length > 0) keepDraft(name, { values: changed, revision: begun });
        else dropDraft(name);
      },
    });
    // Only the form of another record begins anew.
  }, [name]); // eslint-disable-line react-hooks/exhaustive-deps

  useEffect(() => {
    if (!isDirty) isSaving.current = false;
  }, [isDirty]);
  const isUnsaved = useCallback(() => isDirty && !isSaving.current, [isDirty]);

  const saved = () => {
    form.reset(blank(form.getValues(), form.formState.defaultValues ?? {}), AFRESH);
    dropDraft(name);
    setDraft(null);
  };
  return {
    form,
    isUnsaved,
    isBack: draft !== null && isDirty,
    revision: begun,
    saved,
    saving: async (write) => {
      isSaving.current = true;
      try {
        await write();
        saved();
      } catch (error) {
        isSaving.current = false;
        throw error;
      }
    },
    throwAway: () => {
      form.reset(undefined, AFRESH);
      dropDraft(name);
      setDraft(null);
    },
    secrets,
  };
}

const Secrets = createContext<Set<string> | null>(null);

/** A field whose text is never kept. */
export function useSecret(field: string) {
  const secrets = useContext(Secrets);
  useEffect(() => {
    secrets?.add(field);
  }, [secrets, field]);
}

interface KeptFormProps<T extends FieldValues> {
  of: Kept<T>;
  onSubmit: (values: T) => Promise<unknown>;
  onRefused?: (errors: FieldErrors<T>) => void;
  className?: string;
  children: ReactNode;
}

export function KeptForm<T extends FieldValues>(props: KeptFormProps<T>) {
  const { of, onSubmit, onRefused, className = 'space-y-4', children } = props;
  const submit = of.form.handleSubmit(onSubmit, onRefused);
  // Here and not in the hook: the form may stand in a dialog of the component that has the hook.
  useUnsaved(of.isUnsaved);
  return (
    <Secrets value={of.secrets}>
      <FormProvider {...of.form}>
        <div className="space-y-4">
          {of.isBack && (
            <Notice>
              Your unsaved changes are back, without passwords, keys and files.{' '}
              <button type="button" className="font-medium underline" onClick={of.throwAway}>
                Throw them away
              </button>
            </Notice>
          )}
          <form noValidate className={className} onSubmit={(event) => void submit(event)}>
            {children}
          </form>
        </div>
      </FormProvider>
    </Secrets>
  );
}
