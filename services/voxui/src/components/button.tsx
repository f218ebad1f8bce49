import type { ButtonHTMLAttributes, ReactNode } from 'react';

import { useWaitS } from '@/lib/hooks';

import { Icon, type IconName } from './icons';

type Look = 'primary' | 'plain' | 'quiet' | 'danger';

const LOOK: Record<Look, string> = {
  primary: 'bg-brand text-on-brand border-transparent hover:brightness-110',
  plain: 'bg-surface text-ink border-line-strong/60 hover:bg-sunken',
  quiet: 'bg-transparent text-ink border-transparent hover:bg-sunken',
  danger: 'bg-bad text-surface border-transparent hover:brightness-110',
};

/** The classes of a button, for links that look like one. */
export const buttonClass = (look: Look = 'plain', small = false) =>
  `relative inline-flex items-center justify-center gap-1.5 rounded-lg border font-medium whitespace-nowrap transition-colors ` +
  `no-underline disabled:opacity-55 disabled:pointer-events-none ` +
  `${small ? 'h-8 px-2.5 text-[0.8125rem]' : 'h-9 px-3.5 text-sm'} ${LOOK[look]}`;

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: Look;
  small?: boolean;
  icon?: IconName | undefined;
  /** What it is doing now, for example "Saving …": it cannot be pressed again and keeps its width. */
  busy?: string | false | undefined;
  /** Why its last press failed: when the server said how long to wait, the button waits too. */
  after?: unknown;
  children?: ReactNode;
}

export function Button({
  look = 'plain',
  small = false,
  icon,
  busy,
  after,
  children,
  className = '',
  ...rest
}: ButtonProps) {
  const waitS = useWaitS(after);
  return (
    <button
      type="button"
      {...rest}
      disabled={rest.disabled === true || Boolean(busy) || waitS > 0}
      aria-busy={busy ? true : undefined}
      className={`${buttonClass(look, small)} ${className}`}
    >
      {icon && <Icon name={icon} className="-ml-0.5 size-4" />}
      <span className={busy ? 'grid' : 'contents'}>
        {busy && <span className="col-start-1 row-start-1">{busy}</span>}
        <span className={busy ? 'invisible col-start-1 row-start-1' : 'contents'}>{children}</span>
      </span>
    </button>
  );
}

interface IconButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'children'> {
  icon: IconName;
  /** Accessible name; shown as a tooltip by the browser. */
  label: string;
}

export function IconButton({ icon, label, className = '', ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      {...rest}
      className={`inline-grid size-8 shrink-0 place-items-center rounded-lg text-muted transition-colors hover:bg-sunken hover:text-ink disabled:opacity-50 ${className}`}
    >
      <Icon name={icon} className="size-[1.125rem]" />
    </button>
  );
}
