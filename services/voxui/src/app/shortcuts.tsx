import { Dialog } from '@/components/dialog';
import { GROUPS } from '@/lib/shortcuts';

/** Every key that does something, and where. */
export default function Shortcuts({ onClose }: { onClose: () => void }) {
  return (
    <Dialog open onOpenChange={onClose} title="Keyboard" wide>
      <div className="gap-8 sm:columns-2">
        {GROUPS.map(({ title, shortcuts }) => (
          <section key={title} className="mb-5 break-inside-avoid">
            <h3 className="mb-1.5 text-sm font-semibold">{title}</h3>
            <dl className="divide-y divide-line">
              {shortcuts.map(({ key, shown, does }) => (
                <div key={key} className="flex items-center gap-4 py-1.5 text-sm">
                  <dt className="w-26 shrink-0">
                    <kbd className="rounded-md border border-line bg-sunken px-1.5 py-0.5 font-sans text-xs">
                      {shown ?? key}
                    </kbd>
                  </dt>
                  <dd>{does}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
