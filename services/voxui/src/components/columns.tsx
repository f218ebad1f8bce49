import { useState } from 'react';

import { readChoices, keepChoices } from '@/lib/columns';
import { useMe } from '@/lib/hooks';

import { Button } from './button';
import { Menu } from './menu';
import type { Column } from './table';

/** What a row is, and what can be done with it, always stays. */
const isFixed = <Row,>(column: Column<Row>) => column.role === 'title' || column.key === 'actions';

/** The columns that this person wants of a list, and the menu to choose them. `list`: its name in the browser. */
export function useColumns<Row>(list: string, columns: Column<Row>[]) {
  const user = useMe().data?.user_id ?? '';
  const [choices, setChoices] = useState(() => readChoices(user, list));
  const isShown = (column: Column<Row>) => isFixed(column) || (choices[column.key] ?? !column.optional);
  const toggle = (column: Column<Row>) => {
    const next = { ...choices, [column.key]: !isShown(column) };
    setChoices(next);
    keepChoices(user, list, next);
  };
  const choice = (
    <ColumnChoice
      columns={columns
        .filter((column) => !isFixed(column))
        .map((column) => ({
          header: column.header,
          shown: isShown(column),
          onToggle: () => {
            toggle(column);
          },
        }))}
    />
  );
  return { shown: columns.filter(isShown), choice };
}

interface ColumnChoiceProps {
  columns: { header: string; shown: boolean; onToggle: () => void }[];
}

/** At the right end of what stands above a table. Where rows are cards there are no columns to choose. */
export function ColumnChoice({ columns }: ColumnChoiceProps) {
  return (
    <div className="ml-auto hidden md:block">
      <Menu
        trigger={<Button look="quiet">Columns</Button>}
        items={columns.map(({ header, shown, onToggle }) => ({ label: header, checked: shown, onSelect: onToggle }))}
      />
    </div>
  );
}
