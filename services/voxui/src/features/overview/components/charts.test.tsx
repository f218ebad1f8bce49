import { render } from '@testing-library/react';
import { beforeEach, expect, it, vi } from 'vitest';

import { LatencyChart } from './charts';

// A chart is drawn once it knows its size, and no layout is made here.
beforeEach(() => {
  vi.spyOn(HTMLElement.prototype, 'getBoundingClientRect').mockReturnValue(new DOMRect(0, 0, 600, 240));
  vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(600);
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(240);
});

const bucket = (hour: number) => ({ start: `2026-11-28T0${hour}:00:00Z`, p50_ms: 700, p95_ms: 1_200, calls: 4 });
const draw = (count: number) =>
  render(<LatencyChart buckets={Array.from({ length: count }, (_, at) => bucket(at))} short={String} long={String} />)
    .container;

it('shows a lone point as a whole circle, also where its line is broken', () => {
  const dots = [...draw(1).querySelectorAll('circle')];
  expect(dots).toHaveLength(2);
  for (const dot of dots) expect(dot.getAttribute('stroke-dasharray') ?? 'none').toBe('none');
});

it('draws lines, one of them broken, where there are several points', () => {
  const lines = draw(3);
  expect(lines.querySelectorAll('circle')).toHaveLength(0);
  expect(lines.querySelector('path[stroke-dasharray^="6"]')).not.toBeNull();
});
