import { config } from '@/lib/config';

/** The mark of the brand and its name. `narrow`: the name only where the menu is wide. */
export function Logo({ narrow = false, onDark = false }: { narrow?: boolean; onDark?: boolean }) {
  return (
    <span className="inline-flex items-center gap-2.5 font-semibold tracking-tight">
      {config.logo && <img src={config.logo} alt="" className="size-7 rounded-lg object-contain" />}
      <span
        className={`text-[1.0625rem] ${onDark ? 'text-white' : 'text-ink'} ${narrow ? 'sr-only xl:not-sr-only' : ''}`}
      >
        {config.brandName}
      </span>
    </span>
  );
}
