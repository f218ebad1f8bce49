import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';

import { Menu } from '@/components/menu';
import { dropDrafts } from '@/lib/draft';
import { useLeave } from '@/lib/leave';
import { leave } from '@/lib/session';
import { currentTheme, setTheme, type Theme } from '@/lib/theme';
import type { User } from '@/generated';

import { AccountButton } from './account-button';

const NEXT: Record<Theme, Theme> = { system: 'light', light: 'dark', dark: 'system' };
const THEME_LABEL: Record<Theme, string> = { system: 'Theme: system', light: 'Theme: light', dark: 'Theme: dark' };

interface AccountMenuProps {
  me: User;
  wide?: boolean;
  /** Left out where nobody has a keyboard. */
  onShortcuts?: () => void;
}

export default function AccountMenu({ me, wide = false, onShortcuts }: AccountMenuProps) {
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
      trigger={<AccountButton me={me} wide={wide} />}
    />
  );
}
