import { PARTS } from './parts';

/** All parts under each other, at `/dev/gallery` of the development server (`?only=Button,Menu`); not in a build. */
export default function Gallery() {
  const only = new URLSearchParams(window.location.search).get('only')?.split(',');
  const shown = Object.entries(PARTS).filter(([part]) => only?.includes(part) ?? true);
  return (
    <main className="space-y-10 p-4">
      <title>Gallery</title>
      {shown.map(([part, states]) => (
        <section key={part} aria-label={part}>
          <p className="mb-3 font-mono text-sm font-semibold">{part}</p>
          <div className="grid gap-4 lg:grid-cols-2">
            {Object.entries(states).map(([state, drawn]) => (
              <div key={state} data-state-of={`${part}: ${state}`} className="min-w-0 px-1">
                <p className="mb-1 text-xs text-muted">{state}</p>
                {drawn}
              </div>
            ))}
          </div>
        </section>
      ))}
    </main>
  );
}
