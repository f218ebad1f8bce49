/** Parts of forms; those that find their value by name stand in a form of their own. */
import type { ReactNode } from 'react';
import { FormProvider, useForm } from 'react-hook-form';

import { Field, Fields, Input, PasswordInput, Select, Switch, Tags, Textarea } from '@/components/field';
import {
  AreaField,
  NumberField,
  PasswordField,
  SecretField,
  SelectField,
  SwitchField,
  TagsField,
  TextField,
} from '@/components/form-fields';
import { FormEnd } from '@/components/form-end';
import { KeptForm, useKeptForm } from '@/components/kept-form';
import { ApiError } from '@/lib/api';

import type { States } from './parts';

const VALUES = { value: 'Ada', secret: '', cleared: null, number: 5, on: true, off: false, words: ['one', 'two'] };
const nothing = () => undefined;
const away = new ApiError(503, 'store_unavailable', 'The store does not answer.');

const TAKEN = { value: { type: 'server', message: 'Taken already.' } };

function InForm({ children, wrong = false }: { children: ReactNode; wrong?: boolean }) {
  const form = useForm({ defaultValues: VALUES, ...(wrong ? { errors: TAKEN } : {}) });
  return <FormProvider {...form}>{children}</FormProvider>;
}

/** As one that was left and is come back to. */
function Left() {
  const kept = useKeptForm({ name: 'gallery', defaultValues: { value: 'Ada' } });
  return (
    <KeptForm of={{ ...kept, isBack: true }} onSubmit={() => Promise.resolve()}>
      <TextField name="value" label="Text that is back" />
    </KeptForm>
  );
}

const hint = 'What it does, in a sentence that says it to people';
const choices = [{ value: 'Ada', label: 'Ada' }];

export const FIELDS: Record<string, States> = {
  Field: {
    plain: <Field label="Name" children={<Input />} />,
    hinted: <Field label="Name, hinted" hint={hint} optional children={<Input placeholder="Ada" />} />,
    wrong: <Field label="Name, wrong" hint={hint} error="A name is needed." children={<Input />} />,
  },
  Fields: {
    two: (
      <Fields>
        <Field label="First of two" children={<Input />} />
        <Field label="Second of two" children={<Input />} />
      </Fields>
    ),
    three: (
      <Fields columns={3}>
        <Field label="First of three" children={<Input />} />
        <Field label="Second of three" children={<Input />} />
        <Field label="Third of three" children={<Input />} />
      </Fields>
    ),
  },
  Input: { plain: <Input aria-label="Plain" />, disabled: <Input aria-label="Disabled" value="Ada" disabled /> },
  PasswordInput: { plain: <PasswordInput aria-label="Password of the gallery" autoComplete="off" /> },
  Textarea: { plain: <Textarea aria-label="Text" />, disabled: <Textarea aria-label="Text, disabled" disabled /> },
  Select: {
    plain: <Select aria-label="Choice" children={<option>One</option>} />,
    disabled: <Select aria-label="Choice, disabled" disabled children={<option>One</option>} />,
  },
  Switch: {
    on: <Switch label="On" checked onChange={nothing} />,
    off: <Switch label="Off" hint={hint} checked={false} onChange={nothing} />,
    disabled: <Switch label="Neither" checked disabled onChange={nothing} />,
  },
  Tags: {
    some: <Tags aria-label="Words" {...{ values: ['one', 'two'] }} onChange={nothing} />,
    none: <Tags aria-label="No words" values={[]} placeholder="Add one" onChange={nothing} />,
  },
  TextField: {
    plain: <InForm children={<TextField name="value" label="Text" hint={hint} />} />,
    wrong: <InForm wrong children={<TextField name="value" label="Text, wrong" />} />,
    disabled: <InForm children={<TextField name="value" label="Text, off" disabled />} />,
  },
  AreaField: {
    plain: <InForm children={<AreaField name="value" label="Area" optional />} />,
    mono: <InForm children={<AreaField name="value" label="Area, mono" mono />} />,
  },
  PasswordField: {
    plain: <InForm children={<PasswordField name="value" label="Password field" autoComplete="off" />} />,
  },
  SecretField: {
    stored: <InForm children={<SecretField name="secret" label="Key" mask="sk-…1234" />} />,
    missing: <InForm children={<SecretField name="secret" label="Key, missing" mask="" />} />,
    cleared: <InForm children={<SecretField name="cleared" label="Key, cleared" mask="sk-…1234" />} />,
  },
  SelectField: { plain: <InForm children={<SelectField name="value" label="Selected" choices={choices} />} /> },
  SwitchField: {
    on: <InForm children={<SwitchField name="on" label="Switched on" hint={hint} />} />,
    off: <InForm children={<SwitchField name="off" label="Switched off" />} />,
  },
  TagsField: { some: <InForm children={<TagsField name="words" label="Words in a form" />} /> },
  NumberField: {
    plain: (
      <InForm children={<NumberField name="number" label="Seats" min={1} max={1_000} unit="seats" hint={hint} />} />
    ),
  },
  KeptForm: { back: <Left /> },
  FormEnd: {
    plain: <FormEnd error={null} failed="Not saved" busy={false} onCancel={nothing} children="Save" />,
    failed: <FormEnd error={away} failed="Not saved" busy={false} place="page" onRetry={nothing} children="Save" />,
    busy: <FormEnd error={null} failed="Not saved" busy="Saving …" children="Save" />,
  },
};
