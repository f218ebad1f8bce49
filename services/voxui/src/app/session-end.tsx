import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState, type FormEvent } from 'react';

import { Dialog } from '@/components/dialog';
import { Field, PasswordInput } from '@/components/field';
import { FormEnd } from '@/components/form-end';
import { authLogin } from '@/generated';
import { data } from '@/lib/api';
import { expiresAt, leave, setToken, token } from '@/lib/session';

const WARN_MS = 5 * 60_000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Five minutes before the session ends it asks for the password again; open forms survive. */
export function SessionEnd({ email }: { email: string }) {
  const [open, setOpen] = useState(false);
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const queries = useQueryClient();

  useEffect(() => {
    let warn: ReturnType<typeof setTimeout> | undefined;
    let end: ReturnType<typeof setTimeout> | undefined;
    const plan = () => {
      clearTimeout(warn);
      clearTimeout(end);
      const ends = expiresAt(token());
      if (ends === null) return;
      const left = Math.min(Math.max(0, ends - Date.now()), LONGEST_TIMER_MS);
      warn = setTimeout(setOpen.bind(null, true), Math.max(0, left - WARN_MS));
      end = setTimeout(leave.bind(null, 'expired'), left);
    };
    plan();
    window.addEventListener('vox:token', plan);
    return () => {
      clearTimeout(warn);
      clearTimeout(end);
      window.removeEventListener('vox:token', plan);
    };
  }, []);

  const goOn = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      const answer = await data(authLogin({ body: { email, password } }));
      setToken(answer.access_token);
      setPassword('');
      setOpen(false);
      await queries.invalidateQueries();
    } catch (caught) {
      setError(caught);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      open={open}
      onOpenChange={setOpen}
      title="Your session ends soon"
      hint="Enter your password to stay signed in. What you are working on stays as it is."
    >
      <form className="space-y-4" onSubmit={(event) => void goOn(event)}>
        <Field label={`Password of ${email}`}>
          <PasswordInput
            autoComplete="current-password"
            value={password}
            required
            onChange={(event) => {
              setPassword(event.target.value);
            }}
          />
        </Field>
        <FormEnd error={error} failed="Not signed in" busy={busy && 'Signing in …'}>
          Stay signed in
        </FormEnd>
      </form>
    </Dialog>
  );
}
