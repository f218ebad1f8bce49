/** Keys that do something, by where they do it: what answers to them and the list that people see read one table. */

interface Shortcut {
  /** As `KeyboardEvent.key` has it. */
  key: string;
  /** As it is printed on keyboards, where that differs. */
  shown?: string;
  does: string;
}

/** Everywhere but in a field. */
export const ANYWHERE = [
  { key: 'k', shown: 'Ctrl K or ⌘ K', does: 'Search for a screen, a bot, a campaign or a call' },
  { key: '?', does: 'Show these keys' },
] as const satisfies Shortcut[];

/** While the focus is inside the player of a recording. */
export const PLAYER = [
  { key: ' ', shown: 'Space', does: 'Play or pause' },
  { key: 'ArrowLeft', shown: '←', does: '5 seconds back, with Shift 1 second' },
  { key: 'ArrowRight', shown: '→', does: '5 seconds on, with Shift 1 second' },
  { key: '[', does: 'To the turn before' },
  { key: ']', does: 'To the next turn' },
  { key: '<', does: 'Slower' },
  { key: '>', does: 'Faster' },
  { key: 'm', shown: 'M', does: 'Sound on or off' },
  { key: 'Home', does: 'To the beginning' },
  { key: 'End', does: 'To the end' },
] as const satisfies Shortcut[];

/** While the focus is on a seat. */
export const SEATS = [
  { key: 'ArrowLeft', shown: '←', does: 'To the seat before' },
  { key: 'ArrowUp', shown: '↑', does: 'To the seat before' },
  { key: 'ArrowRight', shown: '→', does: 'To the next seat' },
  { key: 'ArrowDown', shown: '↓', does: 'To the next seat' },
  { key: 'Home', does: 'To the first seat' },
  { key: 'End', does: 'To the last seat' },
  { key: 'Enter', does: 'Keep what is said of the seat open' },
  { key: 'Escape', shown: 'Esc', does: 'Let it go again' },
] as const satisfies Shortcut[];

export const GROUPS: { title: string; shortcuts: readonly Shortcut[] }[] = [
  { title: 'Everywhere', shortcuts: ANYWHERE },
  { title: 'In the player of a recording', shortcuts: PLAYER },
  { title: 'On the seat map', shortcuts: SEATS },
];

/** What the keys of a table do. */
export type Acts<Table extends readonly Shortcut[]> = Record<Table[number]['key'], () => void>;

/** A letter is the same with Caps Lock on. */
export const keyOf = (event: { key: string }) => (event.key.length === 1 ? event.key.toLowerCase() : event.key);

/** Does what the key stands for, and keeps the browser from doing something else; false: it stands for nothing. */
export function press<Table extends readonly Shortcut[]>(
  event: { key: string; preventDefault: () => void },
  acts: Acts<Table>,
): boolean {
  const key = keyOf(event);
  if (!Object.hasOwn(acts, key)) return false;
  event.preventDefault();
  acts[key as Table[number]['key']]();
  return true;
}

/** Whether a key that is pressed here is typed into something. */
export const isTyped = (target: EventTarget | null) =>
  target instanceof HTMLElement &&
  (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName));
