/** Ctrl K: go to a screen, a bot or a campaign by name, a call by its id or the last digits of a number. */
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Dialog } from 'radix-ui';
import { useState } from 'react';

import { Icon, type IconName } from '@/components/icons';
import { botNamesQuery } from '@/features/bots/api/bots';
import { campaignsQuery } from '@/features/campaigns/api/campaigns';
import type { User } from '@/generated';
import { useSettled } from '@/lib/hooks';
import { may } from '@/lib/permissions';

import { NAV } from './nav';

interface Entry {
  key: string;
  label: string;
  hint: string;
  icon: IconName;
  go: () => void;
}

export default function Palette({ me, onClose }: { me: User; onClose: () => void }) {
  const navigate = useNavigate();
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const bots = useQuery({ ...botNamesQuery, enabled: may(me, 'bots') });
  const wanted = text.trim().toLowerCase();
  const settled = useSettled(wanted);
  // There can be more campaigns than a list holds: the server looks for the name.
  const campaigns = useQuery({
    ...campaignsQuery({ q: settled }),
    enabled: may(me, 'campaigns') && settled !== '',
    refetchInterval: false,
  });
  const fits = (label: string) => label.toLowerCase().includes(wanted);

  const entries: Entry[] = NAV.filter((entry) => may(me, entry.action) && fits(entry.label)).map((entry) => ({
    key: entry.to,
    label: entry.label,
    hint: 'Screen',
    icon: entry.icon,
    go: () => void navigate({ to: entry.to }),
  }));
  for (const bot of (bots.data ?? []).filter((entry) => wanted && fits(entry.name)).slice(0, 8)) {
    entries.push({
      key: bot.bot_id,
      label: bot.name,
      hint: 'Bot',
      icon: 'bots',
      go: () => void navigate({ to: '/dashboard/bots/$id', params: { id: bot.bot_id } }),
    });
  }
  for (const campaign of (campaigns.data?.items ?? []).filter((entry) => wanted && fits(entry.name)).slice(0, 8)) {
    entries.push({
      key: campaign.campaign_id,
      label: campaign.name,
      hint: 'Campaign',
      icon: 'campaigns',
      go: () => void navigate({ to: '/dashboard/campaigns/$id', params: { id: campaign.campaign_id } }),
    });
  }
  const digits = wanted.replace(/[\s+()-]/g, '');
  if (may(me, 'calls') && /^\d{4,}$/.test(digits)) {
    entries.push({
      key: 'digits',
      label: `Calls with a number that ends in ${digits}`,
      hint: 'Calls',
      icon: 'calls',
      go: () => void navigate({ to: '/dashboard/calls', search: { phone: digits } }),
    });
  }
  if (may(me, 'calls') && /^[0-9a-f-]{32,36}$/.test(wanted)) {
    entries.push({
      key: 'call',
      label: `Call ${wanted.slice(0, 8)}`,
      hint: 'Call',
      icon: 'calls',
      go: () => void navigate({ to: '/dashboard/calls/$id', params: { id: wanted } }),
    });
  }
  const chosen = Math.min(at, Math.max(0, entries.length - 1));
  const open = (entry: Entry | undefined) => {
    if (!entry) return;
    onClose();
    entry.go();
  };
  return (
    <Dialog.Root
      open
      onOpenChange={(next) => {
        if (!next) onClose();
      }}
    >
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-black/50" />
        <Dialog.Content
          aria-describedby={undefined}
          className="appear fixed inset-x-3 top-[12vh] z-40 mx-auto max-w-lg overflow-hidden rounded-2xl border border-line bg-raised shadow-raised"
        >
          <Dialog.Title className="sr-only">Search</Dialog.Title>
          <div className="flex items-center gap-2 border-b border-line px-4">
            <Icon name="search" className="size-4 text-muted" />
            <input
              type="text"
              role="combobox"
              aria-expanded
              aria-controls="palette-list"
              aria-activedescendant={entries[chosen] ? `palette-${chosen}` : undefined}
              aria-label="Search screens, bots, campaigns and calls"
              placeholder="A screen, a bot, a call id, the last digits of a number"
              value={text}
              className="h-12 grow bg-transparent outline-none placeholder:text-muted"
              onChange={(event) => {
                setText(event.target.value);
                setAt(0);
              }}
              onKeyDown={(event) => {
                if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
                  event.preventDefault();
                  const step = event.key === 'ArrowDown' ? 1 : -1;
                  setAt((chosen + step + entries.length) % Math.max(1, entries.length));
                }
                if (event.key === 'Enter') open(entries[chosen]);
              }}
            />
          </div>
          <div id="palette-list" role="listbox" aria-label="Results" className="max-h-80 overflow-y-auto p-1.5">
            {entries.map((entry, position) => (
              // Keys are handled by the input above, which keeps the focus.
              // eslint-disable-next-line jsx-a11y/click-events-have-key-events
              <div
                key={entry.key}
                id={`palette-${position}`}
                role="option"
                tabIndex={-1}
                aria-selected={position === chosen}
                onClick={() => {
                  open(entry);
                }}
                onPointerMove={() => {
                  setAt(position);
                }}
                className="flex h-9 cursor-pointer items-center gap-3 rounded-lg px-2.5 text-sm aria-selected:bg-sunken"
              >
                <Icon name={entry.icon} className="size-4 text-muted" />
                <span className="truncate">{entry.label}</span>
                <span className="ml-auto text-xs text-muted">{entry.hint}</span>
              </div>
            ))}
          </div>
          {entries.length === 0 && (
            <p className="px-4 pb-4 text-sm text-muted">Nothing fits. Numbers need at least 4 digits.</p>
          )}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
