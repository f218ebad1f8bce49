import { useEffect, useState } from 'react';

import { shortId } from '@/lib/format';

import { Icon } from './icons';

/** Copies on a click and says so. Without clipboard access (plain http) it selects nothing and says that instead. */
export function CopyButton({ value, what }: { value: string; what: string }) {
  const [state, setState] = useState<'idle' | 'copied' | 'refused'>('idle');
  useEffect(() => {
    if (state === 'idle') return;
    const timer = setTimeout(() => {
      setState('idle');
    }, 1_800);
    return () => {
      clearTimeout(timer);
    };
  }, [state]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(value);
      setState('copied');
    } catch {
      setState('refused');
    }
  };
  const label = { idle: `Copy ${what}`, copied: 'Copied', refused: 'The browser did not allow to copy' }[state];
  return (
    <button
      type="button"
      onClick={(event) => {
        event.stopPropagation();
        event.preventDefault();
        void copy();
      }}
      title={label}
      aria-label={label}
      className="relative z-10 inline-grid size-6 shrink-0 place-items-center rounded-md text-muted hover:bg-sunken hover:text-ink"
    >
      <Icon name={state === 'copied' ? 'check' : 'copy'} className="size-3.5" />
    </button>
  );
}

/** An id: its first 8 characters, the whole one on copy. */
export function Id({ value, what = 'id' }: { value: string; what?: string }) {
  return (
    <span className="inline-flex items-center gap-0.5 font-mono text-xs text-muted" title={value}>
      {shortId(value)}
      <CopyButton value={value} what={what} />
    </span>
  );
}

/** A text to take along: an address, a snippet, a key. */
export function CodeBlock({ value, what }: { value: string; what: string }) {
  return (
    <div className="relative rounded-lg border border-line bg-sunken pr-10">
      {/* A keyboard must be able to scroll a long line. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre tabIndex={0} aria-label={what} className="overflow-x-auto p-3 font-mono text-xs leading-relaxed">
        {value}
      </pre>
      <div className="absolute top-2 right-2">
        <CopyButton value={value} what={what} />
      </div>
    </div>
  );
}
