/** Our own line icons, 20 px. They carry no meaning alone: a word or an accessible name stands beside each. */
const PATHS = {
  overview: 'M3 11.5 10 4l7 7.500M5 10v6.500h10V10',
  bots: 'M5 8h10v8H5zM10 8V4.500M8 11.500h.01M12 11.500h.01M8 16v1.500M12 16v1.500M3 11v2M17 11v2',
  calls:
    'M6.5 3.5 8 7 6 8.500c.8 2 2.5 3.7 4.5 4.500L12 11l3.5 1.500c.3 2-.8 4-2.5 4C8 16 4 12 3.5 7c0-1.7 1-3 3-3.500Z',
  campaigns: 'M3.500 8.500v3l9 4v-11zM12.500 8.500h2.500a1.500 1.500 0 0 1 0 3h-2.500M5.500 12.500l1 4h2l-1-3',
  pause: 'M7 4.500v11M13 4.500v11',
  stop: 'M5 5h10v10H5z',
  fleet: 'M3.5 4.500h13v4h-13zM3.5 11.500h13v4h-13zM6 6.500h.01M6 13.500h.01',
  dnc: 'M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM5 15 15 5',
  carriers:
    'M10 8v9M7.500 17h5M10 8a1.500 1.500 0 1 0 0-3 1.500 1.500 0 0 0 0 3ZM6.500 10a4.900 4.900 0 0 1 0-7M13.500 10a4.900 4.900 0 0 0 0-7M4 12.500a8.500 8.500 0 0 1 0-12M16 12.500a8.500 8.500 0 0 0 0-12',
  audit: 'M5 3h10v14H5zM7.500 7h5M7.500 10h5M7.500 13h3',
  users:
    'M7.5 9.500a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.600ZM2.5 16c.4-2.7 2.4-4 5-4s4.6 1.3 5 4M13 4.300a2.6 2.6 0 0 1 0 5M14.5 12.300c1.6.5 2.7 1.7 3 3.7',
  keys: 'M7 13.500a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM10 10.500h7.500M15 10.500V13M17.5 10.500v1.5',
  settings: 'M4 6h7M15 6h1M4 14h1M9 14h7M13 8a2 2 0 1 0 0-4 2 2 0 0 0 0 4ZM7 16a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z',
  profile: 'M10 10a3.2 3.2 0 1 0 0-6.400A3.2 3.2 0 0 0 10 10ZM3.5 17c.6-3 3-4.5 6.5-4.500s5.9 1.5 6.5 4.5',
  search: 'M9 14.500a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11ZM13.2 13.2 17 17',
  menu: 'M3 6h14M3 10h14M3 14h14',
  close: 'M5 5l10 10M15 5 5 15',
  plus: 'M10 4v12M4 10h12',
  check: 'm4 10.5 4 4 8-9',
  chevron: 'm7 5 5 5-5 5',
  copy: 'M7.5 7.500h8v8h-8zM12.5 7V4.500h-8v8H7',
  more: 'M5 10h.01M10 10h.01M15 10h.01',
  play: 'M6.5 4.500v11l9-5.500z',
  mic: 'M10 12.500a2.5 2.5 0 0 0 2.5-2.500V5.500a2.5 2.5 0 0 0-5 0V10a2.5 2.5 0 0 0 2.5 2.500ZM5 10a5 5 0 0 0 10 0M10 15v2.5',
  micOff:
    'M12.5 8V5.500a2.5 2.5 0 0 0-4.6-1.300M7.5 8v2a2.5 2.5 0 0 0 4 2M5 10a5 5 0 0 0 8.5 3.500M15 10a5 5 0 0 1-.5 2M10 15v2.500M3 3l14 14',
  hangup: 'M3 12.500c4-4 10-4 14 0l-2 2-3-1.500v-2a8 8 0 0 0-4 0v2L5 14.500z',
  download: 'M10 3.500v9M6.5 9.5 10 13l3.5-3.500M4 16.500h12',
  warning: 'M10 3.5 17.5 16.500h-15zM10 8.500v3.500M10 14.300h.01',
  info: 'M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM10 9.5v4M10 6.7h.01',
  sun: 'M10 13a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM10 2.500v2M10 15.500v2M2.5 10h2M15.5 10h2M4.7 4.700l1.4 1.400M13.9 13.900l1.4 1.400M15.3 4.700l-1.4 1.400M6.1 13.900l-1.4 1.4',
  moon: 'M15.5 12A6.5 6.5 0 0 1 8 4.500a6.5 6.5 0 1 0 7.5 7.500Z',
  external: 'M11 4h5v5M16 4l-7 7M13 11.500V16H4V7h4.5',
  trash: 'M4 6h12M8 6V4h4v2M5.5 6l.7 10.500h7.600L14.5 6M8.5 9v4.500M11.5 9v4.5',
  edit: 'm4 13.5-.5 3 3-.5L15.5 7 13 4.500zM11.5 6l2.5 2.5',
  clone: 'M7 7h9v9H7zM4 13V4h9',
  refresh: 'M16 5v4h-4M4 15v-4h4M15.5 9A6 6 0 0 0 5 6.500M4.5 11A6 6 0 0 0 15 13.5',
  incoming: 'M15 5 6 14M6 8v6h6',
  outgoing: 'M5 15 14 6M8 6h6v6',
  filter: 'M3.5 5h13M6 10h8M8.5 15h3',
  keypad: 'M5 5h.01M10 5h.01M15 5h.01M5 10h.01M10 10h.01M15 10h.01M5 15h.01M10 15h.01M15 15h.01',
  keyboard: 'M3 5.500h14v9H3zM6 8.500h.01M8.7 8.500h.01M11.3 8.500h.01M14 8.500h.01M7.500 11.500h5',
  signout: 'M8 4H4v12h4M8.5 10H17M14 7l3 3-3 3',
  wave: 'M3 8.500v3M6.5 6v8M10 3.500v13M13.5 6v8M17 8.500v3',
} as const;

export type IconName = keyof typeof PATHS;
export const ICONS = Object.keys(PATHS) as IconName[];

export function Icon({ name, className = 'size-5' }: { name: IconName; className?: string }) {
  return (
    <svg
      viewBox="0 0 20 20"
      className={`shrink-0 ${className}`}
      fill={name === 'play' ? 'currentColor' : 'none'}
      stroke="currentColor"
      strokeWidth={name === 'more' || name === 'keypad' ? 2.4 : 1.6}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
