import { Tabs as Radix } from 'radix-ui';
import type { ReactNode } from 'react';

import { useChosenInSight } from './in-sight';

export interface Tab {
  key: string;
  label: string;
  count?: number | undefined;
  content: ReactNode;
}

export function Tabs({
  tabs,
  value,
  onChange,
  label,
}: {
  tabs: Tab[];
  value: string;
  onChange: (key: string) => void;
  label: string;
}) {
  const shown = tabs.some((tab) => tab.key === value) ? value : (tabs[0]?.key ?? '');
  const list = useChosenInSight<HTMLDivElement>(shown);
  return (
    <Radix.Root value={shown} onValueChange={onChange}>
      <Radix.List ref={list} aria-label={label} className="-mb-px flex gap-1 overflow-x-auto border-b border-line">
        {tabs.map((tab) => (
          <Radix.Trigger
            key={tab.key}
            value={tab.key}
            className="-mb-px border-b-2 border-transparent px-3 py-2 text-sm font-medium whitespace-nowrap text-muted -outline-offset-2 hover:text-ink data-[state=active]:border-brand data-[state=active]:text-ink"
          >
            {tab.label}
            {tab.count !== undefined && <span className="num ml-1.5 text-xs text-muted">{tab.count}</span>}
          </Radix.Trigger>
        ))}
      </Radix.List>
      {tabs.map((tab) => (
        <Radix.Content key={tab.key} value={tab.key} className="pt-4 outline-none">
          {tab.content}
        </Radix.Content>
      ))}
    </Radix.Root>
  );
}
