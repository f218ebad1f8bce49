import { DropdownMenu } from 'radix-ui';
import type { ReactNode } from 'react';

import { Icon, type IconName } from './icons';

export interface MenuItem {
  label: string;
  icon?: IconName;
  onSelect: () => void;
  danger?: boolean;
  disabled?: boolean;
  /** A choice that is on or off; the menu stays open. */
  checked?: boolean;
}

export function Menu({ trigger, items, label }: { trigger: ReactNode; items: MenuItem[]; label?: ReactNode }) {
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="end"
          sideOffset={6}
          collisionPadding={8}
          className="appear z-50 min-w-48 rounded-xl border border-line bg-raised p-1 shadow-raised"
        >
          {label && <DropdownMenu.Label className="px-2.5 py-1.5">{label}</DropdownMenu.Label>}
          {label && <DropdownMenu.Separator className="my-1 h-px bg-line" />}
          {items.map((item) =>
            item.checked !== undefined ? (
              <DropdownMenu.CheckboxItem
                key={item.label}
                checked={item.checked}
                onSelect={(event) => {
                  event.preventDefault();
                  item.onSelect();
                }}
                className="flex cursor-default items-center gap-2 rounded-lg px-2.5 py-1.5 text-sm outline-none select-none data-highlighted:bg-sunken"
              >
                <span className="size-4">{item.checked && <Icon name="check" className="size-4" />}</span>
                {item.label}
              </DropdownMenu.CheckboxItem>
            ) : (
              <DropdownMenu.Item
                key={item.label}
                disabled={item.disabled ?? false}
                onSelect={item.onSelect}
                className={`flex cursor-default items-center gap-2 rounded-lg px-2.5 py-1.5 text-sm outline-none select-none data-disabled:opacity-45 data-highlighted:bg-sunken ${item.danger ? 'text-bad' : ''}`}
              >
                {item.icon && <Icon name={item.icon} className="size-4" />}
                {item.label}
              </DropdownMenu.Item>
            ),
          )}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
