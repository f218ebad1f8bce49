import type { ButtonHTMLAttributes, Ref } from 'react';

import { Icon } from '@/components/icons';
import { ROLE_LABEL, type Role } from '@/lib/permissions';
import type { User } from '@/generated';

interface AccountButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  me: User;
  wide?: boolean;
  ref?: Ref<HTMLButtonElement>;
}

/** Who is signed in. What it opens is fetched after the page is there, and takes its place. */
export function AccountButton({ me, wide = false, ...rest }: AccountButtonProps) {
  const name = me.name || me.email;
  return (
    <button
      {...rest}
      type="button"
      className={`flex w-full items-center gap-2.5 rounded-lg p-1 text-left hover:bg-sunken ${wide ? '' : 'justify-center xl:justify-start xl:p-1.5'}`}
    >
      <span
        aria-hidden="true"
        className="grid size-8 shrink-0 place-items-center rounded-full bg-brand-soft text-xs font-semibold text-brand-text"
      >
        {initials(name)}
      </span>
      <span className={`min-w-0 grow ${wide ? '' : 'sr-only xl:not-sr-only'}`}>
        <span className="block truncate text-[0.8125rem] font-medium">
          <span className="sr-only">Account of </span>
          {name}
        </span>
        <span className="block truncate text-xs text-muted">{ROLE_LABEL[me.role as Role] ?? me.role}</span>
      </span>
      <span className={wide ? '' : 'hidden xl:block'}>
        <Icon name="more" className="size-4 text-muted" />
      </span>
    </button>
  );
}

const initials = (name: string) =>
  name
    .split(/[\s@.]+/)
    .slice(0, 2)
    .map((part) => part.charAt(0).toUpperCase())
    .join('');
