import { Facts, Panel } from '@/components/card';
import type { SettingsView } from '@/generated';
import { config } from '@/lib/config';
import { DASH, plural } from '@/lib/format';

interface AboutProps {
  about: SettingsView['about'];
  /** Image tags of the seats, with how many seats run each. */
  seatTags: [string, number][];
}

const LINK = 'text-brand-text hover:underline';

/** What runs here, and what belongs to it. */
export function About({ about, seatTags }: AboutProps) {
  return (
    <Panel title="About">
      <Facts
        items={[
          ['voxbridge', about.version],
          ['Image', about.image_tag || DASH],
          ['Console', __VERSION__],
          ['Images of the seats', seatTags.map(([tag, count]) => `${tag || 'no tag'} (${plural(count, 'seat')})`).join(', ') || DASH],
          ...(config.docsUrl
            ? [['Documentation', <a key="docs" href={config.docsUrl} target="_blank" rel="noopener noreferrer" className={LINK}>Read the docs</a>] as [string, React.ReactNode]]
            : []),
          ['Licences', <a key="licences" href="/licences.txt" target="_blank" className={LINK}>Licences of what the console is built with</a>],
        ]} // prettier-ignore
      />
    </Panel>
  );
}
