import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useWatch } from 'react-hook-form';

import { CodeBlock } from '@/components/copy';
import { Dialog } from '@/components/dialog';
import { showRefusals } from '@/components/form';
import { FormEnd } from '@/components/form-end';
import { PasswordField, SelectField, TagsField, TextField } from '@/components/form-fields';
import { KeptForm, useKeptForm } from '@/components/kept-form';
import { useToast } from '@/components/toast';
import { authRegister, usersResetPassword, usersUpdate, type User } from '@/generated';
import { rank, ROLE_LABEL, rolesToGive, type Role } from '@/lib/permissions';

interface UserForm {
  name: string;
  email: string;
  role: Role;
  agent_languages: string[];
  password: string;
}

/** Twenty characters without those that look alike; enough for any account. */
function generated(): string {
  const letters = 'abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789';
  const values = crypto.getRandomValues(new Uint32Array(20));
  return Array.from(values, (value) => letters[value % letters.length]).join('');
}

export function UserDialog({ me, user, onClose }: { me: User; user: User | null; onClose: () => void }) {
  const queries = useQueryClient();
  const toast = useToast();
  const [error, setError] = useState<unknown>(null);
  const [password] = useState(generated);
  const kept = useKeptForm<UserForm>({
    name: `user_${user?.user_id ?? 'new'}`,
    defaultValues: {
      name: user?.name ?? '',
      email: user?.email ?? '',
      role: user?.role ?? 'admin',
      agent_languages: user?.agent_languages ?? ['en'],
      password: user ? '' : password,
    },
  });
  const { form } = kept;
  const [role, shownPassword] = useWatch({ control: form.control, name: ['role', 'password'] });
  const atDesk = rank(role) < rank('admin');
  const save = async (values: UserForm) => {
    setError(null);
    const shared = { name: values.name.trim(), email: values.email.trim(), role: values.role };
    const languages = atDesk ? { agent_languages: values.agent_languages } : {};
    try {
      if (user) await usersUpdate({ path: { user_id: user.user_id }, body: { ...shared, ...languages } });
      else await authRegister({ body: { ...shared, ...languages, password: values.password } });
      await queries.invalidateQueries({ queryKey: ['users'] });
      kept.saved();
      toast(user ? 'Saved' : `${shared.name} can sign in now`);
      onClose();
    } catch (caught) {
      setError(showRefusals(form, caught, ['name', 'email', 'role', 'agent_languages', 'password']));
    }
  };
  return (
    <Dialog open onOpenChange={onClose} title={user ? `Edit ${user.name}` : 'Add a user'}>
      <KeptForm of={kept} onSubmit={save}>
        <TextField<UserForm> name="name" label="Name" autoComplete="off" />
        <TextField<UserForm> name="email" label="Email" type="email" autoComplete="off" />
        <SelectField<UserForm>
          name="role"
          label="Role"
          choices={rolesToGive(me).map((value) => ({ value, label: ROLE_LABEL[value] }))}
        />
        {atDesk && (
          <TagsField<UserForm> name="agent_languages" label="Languages" hint="Codes such as en or hi; Enter adds one" />
        )}
        {!user && (
          <PasswordField<UserForm>
            name="password"
            label="Password"
            autoComplete="new-password"
            hint="Made for you. Hand it over in a safe way; the person can change it under Profile."
          />
        )}
        {!user && <CodeBlock value={shownPassword} what="password" />}
        <FormEnd error={error} failed="Not saved" busy={form.formState.isSubmitting && 'Saving …'} onCancel={onClose}>
          {user ? 'Save' : 'Add user'}
        </FormEnd>
      </KeptForm>
    </Dialog>
  );
}

export function PasswordDialog({ user, onClose }: { user: User; onClose: () => void }) {
  const toast = useToast();
  const [error, setError] = useState<unknown>(null);
  const [password] = useState(generated);
  const kept = useKeptForm({ name: `password_${user.user_id}`, defaultValues: { new_password: password } });
  const { form } = kept;
  const shownPassword = useWatch({ control: form.control, name: 'new_password' });
  const save = async (values: { new_password: string }) => {
    setError(null);
    try {
      await usersResetPassword({ path: { user_id: user.user_id }, body: values });
      kept.saved();
      toast(`The password of ${user.name} is changed`);
      onClose();
    } catch (caught) {
      setError(showRefusals(form, caught, ['new_password']));
    }
  };
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={`New password for ${user.name}`}
      hint="All sessions of this person end at once."
    >
      <KeptForm of={kept} onSubmit={save}>
        <PasswordField<{ new_password: string }> name="new_password" label="New password" autoComplete="new-password" />
        <CodeBlock value={shownPassword} what="password" />
        <FormEnd
          error={error}
          failed="Not changed"
          busy={form.formState.isSubmitting && 'Changing …'}
          onCancel={onClose}
        >
          Change password
        </FormEnd>
      </KeptForm>
    </Dialog>
  );
}
