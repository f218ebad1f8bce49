import { describe, expect, it } from 'vitest';

import { PRESETS, presetOf, rulesOf, STANDARD } from './screening';

describe('presets', () => {
  it('are told by their values, and somebody’s own by none', () => {
    for (const { name, values } of PRESETS) expect(presetOf(values)).toBe(name);
    expect(presetOf({ ...STANDARD, max_words: 5 })).toBe('');
  });
});

describe('the drawing', () => {
  it('shows when each kind of answer is judged', () => {
    expect(rulesOf(STANDARD).map(({ verdict, atMs }) => [verdict, atMs])).toEqual([
      ['Person', 1200],
      ['Machine', 2000],
      ['Machine', 2000],
      ['Not known', 2000],
    ]);
  });

  it('says of a rule that its time comes too late', () => {
    const late = rulesOf({ ...STANDARD, greeting_ms: 3000, total_analysis_ms: 1000 });
    expect(late.map(({ atMs }) => atMs)).toEqual([null, null, null, 1000]);
  });
});
