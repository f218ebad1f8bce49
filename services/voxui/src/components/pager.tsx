import { plural } from '@/lib/format';
import { PAGE_SIZE } from '@/lib/sort';

import { Button } from './button';

interface PagerProps {
  /** What the list holds, in the singular: "call". */
  one: string;
  many?: string;
  page: { total?: number | null; total_capped?: boolean; next?: string | null };
  shown: number;
  hasCursor: boolean;
  onCursor: (cursor: string | undefined) => void;
}

/** The foot of a list that goes on by cursor: how many there are, back to the first page, on to the next one. */
export function Pager({ one, many, page, shown, hasCursor, onCursor }: PagerProps) {
  const { total, next } = page;
  return (
    <div className="flex flex-wrap items-center gap-2 border-t border-line px-4 py-2.5">
      <p className="num grow text-xs text-muted">
        {typeof total === 'number'
          ? // The server may have counted a moment before it read the page.
            `${plural(Math.max(total, shown), one, many)}${page.total_capped ? ' or more' : ''}`
          : `${plural(shown, one, many)} on this page`}
      </p>
      {hasCursor && (
        <Button
          small
          onClick={() => {
            onCursor(undefined);
          }}
        >
          First page
        </Button>
      )}
      {next && (
        <Button
          small
          onClick={() => {
            onCursor(next);
          }}
        >
          Next page
        </Button>
      )}
    </div>
  );
}

interface PagesProps {
  one: string;
  many?: string;
  /** Undefined: the first. */
  page: number | undefined;
  total: number;
  onPage: (page: number | undefined) => void;
}

/** The foot of a short list, whose pages have numbers. */
export function Pages({ one, many, page = 1, total, onPage }: PagesProps) {
  const last = Math.max(1, Math.ceil(total / PAGE_SIZE));
  return (
    <div className="flex flex-wrap items-center gap-2 border-t border-line px-4 py-2.5">
      <p className="num grow text-xs text-muted">
        {plural(total, one, many)}
        {last > 1 && ` · page ${page} of ${last}`}
      </p>
      {page > 1 && (
        <Button
          small
          onClick={() => {
            // The page may have gone with its last row.
            onPage(page > 2 ? Math.min(page - 1, last) : undefined);
          }}
        >
          Previous page
        </Button>
      )}
      {page < last && (
        <Button small onClick={onPage.bind(null, page + 1)}>
          Next page
        </Button>
      )}
    </div>
  );
}
