import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState, type FormEvent } from 'react';

import { Button } from '@/components/button';
import { Field, Input, PasswordInput } from '@/components/field';
import { Logo } from '@/components/logo';
import { Reason } from '@/components/states';
import { authLogin } from '@/generated';
import { ApiError, data } from '@/lib/api';
import { config } from '@/lib/config';
import { usePageTitle } from '@/lib/hooks';
import { safeNext, setToken } from '@/lib/session';

/** One sentence for every refusal: whether an account exists is nobody's business. */
function Refusal({ error }: { error: unknown }) {
  if (!(error instanceof ApiError)) return 'Something went wrong. Try again.';
  if (error.status === 401) return 'Email or password is wrong, or the account is not active.';
  return <Reason error={error} />;
}

export default function SignIn({ next, onDone }: { next: string | undefined; onDone: (path: string) => void }) {
  usePageTitle('Sign in', config.brandName);
  const queries = useQueryClient();
  const email = useRef<HTMLInputElement>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);

  useEffect(() => {
    email.current?.focus();
  }, []);

  const signIn = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const field = (name: string) => {
      const value = form.get(name);
      return typeof value === 'string' ? value : '';
    };
    setBusy(true);
    setError(null);
    try {
      const answer = await data(authLogin({ body: { email: field('email'), password: field('password') } }));
      setToken(answer.access_token);
      queries.clear();
      queries.setQueryData(['me'], answer.user);
      onDone(safeNext(next));
    } catch (caught) {
      setError(caught);
    } finally {
      setBusy(false);
    }
  };

  return (
    <div className="grid min-h-dvh min-[900px]:grid-cols-[minmax(20rem,2fr)_3fr]">
      <BrandPanel />
      <main className="flex flex-col justify-center px-6 py-10">
        <div className="mx-auto w-full max-w-sm">
          <div className="mb-8 min-[900px]:hidden">
            <Logo />
          </div>
          <h1 className="text-2xl font-semibold tracking-tight">Sign in</h1>
          <p className="mt-1 text-muted">Welcome back. Your calls are waiting.</p>
          <form className="mt-6 space-y-4" onSubmit={(event) => void signIn(event)}>
            <Field label="Email">
              <Input ref={email} name="email" type="email" autoComplete="username" required />
            </Field>
            <Field label="Password">
              <PasswordInput name="password" autoComplete="current-password" required />
            </Field>
            {error !== null && (
              <p role="alert" className="rounded-lg bg-bad-soft px-3 py-2 text-sm text-bad">
                <Refusal error={error} />
              </p>
            )}
            <Button type="submit" look="primary" className="w-full" busy={busy && 'Signing in …'} after={error}>
              Sign in
            </Button>
          </form>
          {config.poweredBy && config.brandName !== 'Vox' && (
            <p className="mt-10 text-xs text-muted">{config.poweredBy}</p>
          )}
        </div>
      </main>
    </div>
  );
}

const BARS = [18, 34, 52, 30, 64, 92, 58, 40, 76, 108, 70, 46, 84, 60, 32, 50, 26, 38, 20];

function BrandPanel() {
  return (
    <aside
      aria-hidden="true"
      className="relative hidden flex-col justify-between overflow-hidden p-10 text-white min-[900px]:flex"
      style={{
        backgroundColor: '#08211f',
        backgroundImage:
          'radial-gradient(60rem 40rem at 15% 10%, color-mix(in srgb, var(--aurora-1, #14806f) 80%, transparent), transparent 60%),' +
          'radial-gradient(50rem 40rem at 95% 95%, color-mix(in srgb, var(--aurora-2, #1d4f8f) 80%, transparent), transparent 60%)',
      }}
    >
      <Logo onDark />
      <div>
        <div className="mb-10 flex h-28 items-center gap-1.5">
          {BARS.map((height, position) => (
            <span key={position} className="w-1.5 rounded-full bg-white/70" style={{ height: `${height}%` }} />
          ))}
        </div>
        <p className="max-w-sm text-3xl leading-tight font-semibold tracking-tight">
          Every call heard, answered and understood.
        </p>
        <p className="mt-3 max-w-sm text-white/80">
          Build a voice bot, talk to it, and see each turn down to the millisecond.
        </p>
      </div>
      <span />
    </aside>
  );
}
