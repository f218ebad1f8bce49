import { expect, it } from 'vitest';

import { refusalOf, splitNumbers } from './numbers';

it('takes numbers apart at lines, commas, semicolons and tabs, never at spaces', () => {
  expect(splitNumbers(' +49 30 1,\r\n2;3\t4 \n\n')).toEqual(['+49 30 1', '2', '3', '4']);
});

it('refuses nothing, too much with the way out, and what is no list', () => {
  const refused = (numbers: string[]) => refusalOf(numbers, 'Upload a file.');
  expect(refused([])).toBe('Paste at least one number.');
  expect(refused(Array<string>(1_000).fill('1'))).toBeNull();
  expect(refused(Array<string>(1_001).fill('1'))).toMatch(/at most 1,000 .* Upload a file\.$/);
  expect(refused(['1'.repeat(65)])).toContain('too long');
});
