import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';

import { useChosenInSight } from '@/components/in-sight';
import { Page } from '@/components/page';
import { LoadingBlock, Problem } from '@/components/states';
import type { SettingsView } from '@/generated';

import { settingsQuery } from '../api/settings';
import { About } from '../components/about';
import { Delivery, type DeliveryProps } from '../components/delivery';
import { DiallerSection } from '../components/screening';
import { FleetSection, GeneralSection, ProvidersSection, StorageSection } from '../components/sections';

const SECTIONS = [
  ['general', 'General'],
  ['providers', 'Provider keys'],
  ['storage', 'Object storage'],
  ['fleet', 'Fleet'],
  ['dialler', 'Dialler'],
  ['delivery', 'Delivery'],
  ['about', 'About'],
] as const;

interface SettingsPageProps {
  section: string;
  /** What the address says of the list of deliveries. */
  outbox: DeliveryProps;
  seatTags: [string, number][];
}

export function SettingsPage({ section, outbox, seatTags }: SettingsPageProps) {
  const settings = useQuery(settingsQuery);
  const list = useChosenInSight<HTMLUListElement>(section);
  return (
    <Page title="Settings">
      <div className="grid grid-cols-[minmax(0,1fr)] gap-6 lg:grid-cols-[12rem_minmax(0,1fr)]">
        <nav aria-label="Sections of the settings" className="lg:sticky lg:top-6 lg:self-start">
          <ul ref={list} className="flex gap-1 overflow-x-auto lg:flex-col">
            {SECTIONS.map(([key, label]) => (
              <li key={key} className="shrink-0">
                <Link
                  to="/dashboard/settings/$section"
                  params={{ section: key }}
                  className="block rounded-lg px-2.5 py-1.5 text-sm text-muted no-underline hover:bg-sunken hover:text-ink aria-[current=page]:bg-brand-soft aria-[current=page]:font-medium aria-[current=page]:text-brand-text"
                >
                  {label}
                </Link>
              </li>
            ))}
          </ul>
        </nav>
        {/* Forms are read in lines; the table takes what there is. */}
        <div className={`min-w-0 ${section === 'delivery' ? '' : 'max-w-3xl'}`}>
          {settings.isPending ? (
            <LoadingBlock label="Loading the settings" className="h-80" />
          ) : !settings.data ? (
            <Problem error={settings.error} title="The settings could not be loaded" onRetry={settings.refetch} />
          ) : (
            <Section section={section} settings={settings.data} outbox={outbox} seatTags={seatTags} />
          )}
        </div>
      </div>
    </Page>
  );
}

function Section({ section, settings, outbox, seatTags }: SettingsPageProps & { settings: SettingsView }) {
  switch (section) {
    case 'providers':
      return <ProvidersSection settings={settings} />;
    case 'storage':
      return <StorageSection settings={settings} />;
    case 'fleet':
      return <FleetSection settings={settings} />;
    case 'dialler':
      return <DiallerSection settings={settings} />;
    case 'delivery':
      return <Delivery {...outbox} />;
    case 'about':
      return <About about={settings.about} seatTags={seatTags} />;
    default:
      return <GeneralSection settings={settings} />;
  }
}
