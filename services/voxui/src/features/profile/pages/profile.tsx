import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { Badge } from '@/components/badge';
import { Panel } from '@/components/card';
import { Field, Select } from '@/components/field';
import { showRefusals } from '@/components/form';
import { FormEnd } from '@/components/form-end';
import { PasswordField, TextField } from '@/components/form-fields';
import { KeptForm, useKeptForm } from '@/components/kept-form';
import { Page } from '@/components/page';
import { Time } from '@/components/time';
import { useToast } from '@/components/toast';
import { authChangePassword, authLogin, authUpdateMe, type User } from '@/generated';
import { ApiError, data } from '@/lib/api';
import { ROLE_LABEL } from '@/lib/permissions';
import { setToken } from '@/lib/session';
import { currentDensity, currentTheme, setDensity, setTheme, type Density, type Theme } from '@/lib/theme';

export function ProfilePage({ me }: { me: User }) {
  return (
    <Page
      title="Profile"
      beside={<Badge tone="brand">{ROLE_LABEL[me.role]}</Badge>}
      lead={
        <span className="flex flex-wrap gap-x-3">
          <span>{me.email}</span>
          <span>
            Last sign-in <Time iso={me.last_login_at} relative />
          </span>
        </span>
      }
    >
      <div className="grid max-w-4xl items-start gap-4 lg:grid-cols-2">
        <div className="space-y-4">
          <Name me={me} />
          <Look />
        </div>
        <Password email={me.email} />
      </div>
    </Page>
  );
}

function Name({ me }: { me: User }) {
  const queries = useQueryClient();
  const toast = useToast();
  const kept = useKeptForm({ name: 'profile', defaultValues: { name: me.name } });
  const { form } = kept;
  const [error, setError] = useState<unknown>(null);
  const save = async (values: { name: string }) => {
    setError(null);
    try {
      queries.setQueryData(['me'], await data(authUpdateMe({ body: { name: values.name.trim() } })));
      kept.saved();
      toast('Your name is saved');
    } catch (caught) {
      setError(showRefusals(form, caught, ['name']));
    }
  };
  return (
    <Panel title="Name">
      <KeptForm of={kept} onSubmit={save}>
        <TextField<{ name: string }> name="name" label="Name" autoComplete="name" />
        <FormEnd
          error={error}
          failed="Not saved"
          busy={form.formState.isSubmitting && 'Saving …'}
          disabled={!form.formState.isDirty}
          place="page"
        >
          Save
        </FormEnd>
      </KeptForm>
    </Panel>
  );
}

interface Passwords {
  current: string;
  fresh: string;
}

function Password({ email }: { email: string }) {
  const toast = useToast();
  const kept = useKeptForm<Passwords>({ name: 'password', defaultValues: { current: '', fresh: '' } });
  const { form } = kept;
  const [error, setError] = useState<unknown>(null);
  const save = async ({ current, fresh }: Passwords) => {
    setError(null);
    if (fresh.length < 10) {
      form.setError('fresh', { message: 'At least 10 characters' });
      return;
    }
    try {
      await authChangePassword({ body: { current_password: current, new_password: fresh } });
      // The change ended every older session, this one too.
      setToken((await data(authLogin({ body: { email, password: fresh } }))).access_token);
      kept.saved();
      toast('Your password is changed');
    } catch (caught) {
      if (caught instanceof ApiError && caught.code === 'wrong_password') {
        form.setError('current', { message: 'This is not your password' });
      } else if (caught instanceof ApiError && caught.fields.length > 0) {
        form.setError('fresh', { message: caught.fields[0]?.msg ?? caught.message });
      } else setError(caught);
    }
  };
  return (
    <Panel title="Password" hint="A change ends your sessions on other computers">
      <KeptForm of={kept} onSubmit={save}>
        <input type="text" name="username" autoComplete="username" value={email} readOnly hidden />
        <PasswordField<Passwords> name="current" label="Current password" autoComplete="current-password" />
        <PasswordField<Passwords>
          name="fresh"
          label="New password"
          autoComplete="new-password"
          hint="10 to 128 characters, not your email"
        />
        <FormEnd
          error={error}
          failed="Not changed"
          busy={form.formState.isSubmitting && 'Changing …'}
          disabled={!form.formState.isDirty}
          place="page"
        >
          Change password
        </FormEnd>
      </KeptForm>
    </Panel>
  );
}

function Look() {
  const [theme, setThemeShown] = useState(currentTheme);
  const [density, setDensityShown] = useState(currentDensity);
  return (
    <Panel title="Appearance" hint="Kept in this browser">
      <div className="space-y-4">
        <Field label="Theme">
          <Select
            value={theme}
            onChange={(event) => {
              setTheme(event.target.value as Theme);
              setThemeShown(event.target.value as Theme);
            }}
          >
            <option value="system">As the system</option>
            <option value="light">Light</option>
            <option value="dark">Dark</option>
          </Select>
        </Field>
        <Field label="Density of tables">
          <Select
            value={density}
            onChange={(event) => {
              setDensity(event.target.value as Density);
              setDensityShown(event.target.value as Density);
            }}
          >
            <option value="comfortable">Comfortable</option>
            <option value="compact">Compact</option>
          </Select>
        </Field>
      </div>
    </Panel>
  );
}
