import { Button } from '@/components/button';

import { SITUATIONS, useTicks } from '../lib/situations';

/** Twelve calls that are worth making before a bot calls people; each can be ticked, for each bot. */
export function Situations({ botId }: { botId: string }) {
  const [ticked, setTicked] = useTicks(botId);
  return (
    <details className="rounded-xl border border-line">
      <summary className="cursor-pointer rounded-xl px-4 py-2.5 text-sm font-medium">
        What to try on the phone
        <span className="num ml-2 font-normal text-muted">
          {ticked.length} of {SITUATIONS.length} done
        </span>
      </summary>
      <div className="border-t border-line px-4 pt-1 pb-3">
        <ul>
          {SITUATIONS.map(({ key, title, expect }) => (
            <li key={key} className="border-b border-line last:border-b-0">
              <label className="grid grid-cols-[auto_1fr] gap-x-3 py-2">
                <input
                  type="checkbox"
                  className="mt-0.5 size-4 accent-(--brand)"
                  checked={ticked.includes(key)}
                  onChange={(event) => {
                    setTicked(event.target.checked ? [...ticked, key] : ticked.filter((other) => other !== key));
                  }}
                />
                <span>{title}</span>
                <span className="col-start-2 text-xs text-muted">{expect}</span>
              </label>
            </li>
          ))}
        </ul>
        <div className="flex flex-wrap items-center justify-between gap-2 pt-1">
          <p className="text-xs text-muted">Your ticks for this bot are kept in this browser.</p>
          <Button
            small
            look="quiet"
            disabled={ticked.length === 0}
            onClick={() => {
              setTicked([]);
            }}
          >
            Begin again
          </Button>
        </div>
      </div>
    </details>
  );
}
