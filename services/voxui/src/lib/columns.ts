/** Which columns of a list somebody wants to see or not; kept in this browser for each account. */

/** Columns that were chosen otherwise than they come: a column of a newer console comes as it is meant. */
export type ColumnChoices = Readonly<Record<string, boolean>>;

const keyOf = (user: string, list: string) => `vox_columns_${list}_${user}`;

export function readChoices(user: string, list: string): ColumnChoices {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(keyOf(user, list)) ?? '{}');
    return Object.fromEntries(
      Object.entries(kept as object).filter((entry): entry is [string, boolean] => typeof entry[1] === 'boolean'),
    );
  } catch {
    return {};
  }
}

export function keepChoices(user: string, list: string, choices: ColumnChoices) {
  try {
    localStorage.setItem(keyOf(user, list), JSON.stringify(choices));
  } catch {
    // Storage may be blocked: the choice then lasts until the page is left.
  }
}
