import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';

import { Icon } from '@/components/icons';
import { Menu } from '@/components/menu';
import { dropDrafts } from '@/lib/draft';
import { useLeave } from '@/lib/leave';
import { ROLE_LABEL, type Role } from '@/lib/permissions';
import { leave } from '@/lib/session';
import { currentTheme, setTheme, type Theme } from '@/lib/theme';
import type { User } from '@/generated';

const NEXT: Record<Theme, Theme> = { system: 'light', light: 'dark', dark: 'system' };
const THEME_LABEL: Record<Theme, string> = { system: 'Theme: system', light: 'Theme: light', dark: 'Theme: dark' };

interface AccountMenuProps {
  me: User;
  wide?: boolean;
  /** Left out where nobody has a keyboard. */
  onShortcuts?: () => void;
}

export function AccountMenu({ me, wide = false, onShortcuts }: AccountMenuProps) {
  const navigate = useNavigate();
  const ask = useLeave();
  const [theme, setShown] = useState(currentTheme);
  const name = me.name || me.email;
  return (
    <Menu
      label={
        <span className="block">
          <span className="block text-sm font-medium">{name}</span>
          <span className="block text-xs text-muted">{me.email}</span>
        </span>
      }
      items={[
        { label: 'Profile', icon: 'profile', onSelect: () => void navigate({ to: '/dashboard/profile' }) },
        {
          label: THEME_LABEL[theme],
          icon: theme === 'dark' ? 'moon' : 'sun',
          onSelect: () => {
            setTheme(NEXT[theme]);
            setShown(NEXT[theme]);
          },
        },
        ...(onShortcuts ? [{ label: 'Keyboard', icon: 'keyboard' as const, onSelect: onShortcuts }] : []),
        {
          label: 'Sign out',
          icon: 'signout',
          onSelect: () => {
            ask(() => {
              dropDrafts();
              leave('signed-out');
            });
          },
        },
      ]}
      trigger={
        <button
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
      }
    />
  );
}

const initials = (name: string) =>
  name
    .split(/[\s@.]+/)
    .slice(0, 2)
    .map((part) => part.charAt(0).toUpperCase())
    .join('');
