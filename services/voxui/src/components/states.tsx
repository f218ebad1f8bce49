/** The states of a view besides its data: loading, failed, empty. */
import type { ReactNode } from 'react';

import { ApiError } from '@/lib/api';
import { useWaitS } from '@/lib/hooks';

import { Button } from './button';
import { CopyButton } from './copy';
import { Icon, type IconName } from './icons';

export function Skeleton({ className = 'h-4 w-full' }: { className?: string }) {
  return <div className={`skeleton ${className}`} aria-hidden="true" />;
}

/** Lines in the shape of what comes. */
export function LoadingRows({ rows = 6, label }: { rows?: number; label: string }) {
  return (
    <div role="status" aria-label={label} className="space-y-3 p-4">
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className="flex gap-4">
          <Skeleton className="h-4 w-1/4" />
          <Skeleton className="h-4 w-1/3" />
          <Skeleton className="hidden h-4 w-1/6 sm:block" />
          <Skeleton className="ml-auto h-4 w-16" />
        </div>
      ))}
    </div>
  );
}

export function LoadingBlock({ label, className = 'h-40' }: { label: string; className?: string }) {
  return (
    <div role="status" aria-label={label}>
      <Skeleton className={`w-full rounded-xl ${className}`} />
    </div>
  );
}

/** Why it failed, for people; after a 429 with the seconds that are left, counted down. */
export function Reason({ error }: { error: unknown }) {
  const waitS = useWaitS(error);
  if (!(error instanceof ApiError)) return error instanceof Error ? error.message : String(error);
  if (error.waitUntil === 0) return error.message;
  return (
    <>
      {/* The server's own sentence counts, and stands still. */}
      {error.code === 'rate_limited' ? 'Too many requests.' : error.message}{' '}
      {/* Not each second is read aloud, but the end is. */}
      <span aria-live={waitS > 0 ? 'off' : 'polite'} className="num">
        {waitS > 0 ? `Try again in ${waitS} s.` : 'You can try again now.'}
      </span>
    </>
  );
}

/** What failed, with the code and id that support asks for, and the way on. */
export function Problem({ error, onRetry, title }: { error: unknown; onRetry?: () => unknown; title?: string }) {
  const known = error instanceof ApiError ? error : null;
  return (
    <div role="alert" className="rounded-xl border border-bad/40 bg-bad-soft p-4 text-sm">
      <div className="flex items-start gap-2.5">
        <Icon name="warning" className="mt-px size-5 text-bad" />
        <div className="min-w-0 grow">
          <p className="font-medium text-ink">{title ?? 'This could not be loaded'}</p>
          <p className="mt-0.5 break-words text-ink">
            <Reason error={error} />
          </p>
          {known && (
            <p className="mt-1 flex flex-wrap items-center gap-x-2 font-mono text-xs text-muted">
              <span>{known.code}</span>
              {known.requestId && (
                <span className="inline-flex items-center gap-1">
                  request {known.requestId.slice(0, 8)}
                  <CopyButton value={known.requestId} what="request id" />
                </span>
              )}
            </p>
          )}
        </div>
        {onRetry && (
          <Button small icon="refresh" after={error} onClick={() => void onRetry()}>
            Try again
          </Button>
        )}
      </div>
    </div>
  );
}

interface EmptyProps {
  icon: IconName;
  title: string;
  children: ReactNode;
  action?: ReactNode;
}

/** What this is, why it is empty, and one thing to do. */
export function Empty({ icon, title, children, action }: EmptyProps) {
  return (
    <div className="flex flex-col items-center px-6 py-14 text-center">
      <span className="mb-4 grid size-12 place-items-center rounded-2xl bg-brand-soft text-brand-text">
        <Icon name={icon} className="size-6" />
      </span>
      <h2 className="text-base font-semibold">{title}</h2>
      <div className="mt-1 max-w-md text-muted">{children}</div>
      {action && <div className="mt-5 flex flex-wrap justify-center gap-2">{action}</div>}
    </div>
  );
}

/** A note inside a page: a warning of the server, a state that the reader must know. */
export function Notice({ tone = 'info', children }: { tone?: 'info' | 'warn' | 'bad' | 'ok'; children: ReactNode }) {
  const look = {
    info: 'bg-info-soft text-info',
    warn: 'bg-warn-soft text-warn',
    bad: 'bg-bad-soft text-bad',
    ok: 'bg-ok-soft text-ok',
  }[tone];
  return (
    <div role="note" className={`flex items-start gap-2 rounded-lg px-3 py-2 text-sm ${look}`}>
      <Icon name={tone === 'ok' ? 'check' : tone === 'info' ? 'info' : 'warning'} className="mt-0.5 size-4" />
      <div className="min-w-0 break-words">{children}</div>
    </div>
  );
}

/** What a button did not do, beside it and read aloud; nothing while `error` is null. */
export function Failed({ error, tone = 'bad' }: { error: unknown; tone?: 'warn' | 'bad' }) {
  if (error === null) return null;
  return (
    <div role="alert">
      <Notice tone={tone}>
        <Reason error={error} />
      </Notice>
    </div>
  );
}
