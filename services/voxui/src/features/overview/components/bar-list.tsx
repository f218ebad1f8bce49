import { Link } from '@tanstack/react-router';

import { percent } from '@/lib/format';

export interface BarItem {
  key: string;
  label: string;
  count: number;
  share: number;
  /** Filters of the call list that show exactly these calls; none where a list cannot. */
  filter: Record<string, string> | null;
}

/** Horizontal bars, each a link to its calls. */
export function BarList({ items, rest }: { items: BarItem[]; rest: number }) {
  const most = Math.max(...items.map((item) => item.count), 1);
  return (
    <ul className="space-y-2.5">
      {items.map((item) => (
        <li key={item.key} className="relative">
          <div className="flex items-baseline justify-between gap-3 text-sm">
            {item.filter ? (
              <Link
                to="/dashboard/calls"
                search={item.filter}
                className="min-w-0 truncate text-ink no-underline after:absolute after:inset-0 hover:underline"
                title={item.label}
              >
                {item.label}
              </Link>
            ) : (
              <span className="min-w-0 truncate" title={item.label}>
                {item.label}
              </span>
            )}
            <span className="num shrink-0 text-muted">
              {item.count.toLocaleString('en')} · {percent(item.share)}
            </span>
          </div>
          <div className="mt-1 h-1.5 rounded-full bg-sunken" aria-hidden="true">
            <div className="h-1.5 rounded-full bg-brand" style={{ width: `${(item.count / most) * 100}%` }} />
          </div>
        </li>
      ))}
      {rest > 0 && <li className="num text-xs text-muted">{rest.toLocaleString('en')} calls with other ones</li>}
    </ul>
  );
}
