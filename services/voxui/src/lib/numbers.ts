/** Numbers that somebody pasted. */

/** What one request takes. */
export const MAX_PASTED = 1_000;
const MAX_LENGTH = 64;

/** One number a line, or several with commas, semicolons or tabs between them. Spaces belong to a number. */
export const splitNumbers = (text: string): string[] =>
  text
    .split(/[\n\r,;\t]+/)
    .map((part) => part.trim())
    .filter((part) => part !== '');

/** Why these cannot be sent, with the way out of too many; null when they can. The server judges each number itself. */
export function refusalOf(numbers: string[], tooMany: string): string | null {
  if (numbers.length === 0) return 'Paste at least one number.';
  if (numbers.length > MAX_PASTED) {
    return `These are ${numbers.length.toLocaleString('en')} numbers; at most ${MAX_PASTED.toLocaleString('en')} are taken at once. ${tooMany}`;
  }
  const long = numbers.find((number) => number.length > MAX_LENGTH);
  return long ? `“${long.slice(0, 24)}…” is too long for a number. Put each number on a line of its own.` : null;
}
