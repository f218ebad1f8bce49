import type { ReactNode } from 'react';

export type Tone = 'neutral' | 'ok' | 'warn' | 'bad' | 'info' | 'violet' | 'brand';

const TONE: Record<Tone, string> = {
  neutral: 'bg-sunken text-muted',
  ok: 'bg-ok-soft text-ok',
  warn: 'bg-warn-soft text-warn',
  bad: 'bg-bad-soft text-bad',
  info: 'bg-info-soft text-info',
  violet: 'bg-violet-soft text-violet',
  brand: 'bg-brand-soft text-brand-text',
};

/** A state as a word; the dot and the colour only repeat it. */
export function Badge({
  tone = 'neutral',
  dot = false,
  children,
}: {
  tone?: Tone;
  dot?: boolean;
  children: ReactNode;
}) {
  return (
    <span
      className={`inline-flex h-5.5 items-center gap-1.5 rounded-full px-2 text-xs font-medium whitespace-nowrap ${TONE[tone]}`}
    >
      {dot && <span className="size-1.5 rounded-full bg-current" aria-hidden="true" />}
      {children}
    </span>
  );
}

/** A short technical word: a provider, a model, a prefix of a key. */
export const Chip = ({ children, title }: { children: ReactNode; title?: string }) => (
  <span
    title={title}
    className="inline-flex h-6 max-w-full items-center truncate rounded-md border border-line bg-sunken px-1.5 font-mono text-xs text-ink"
  >
    {children}
  </span>
);
