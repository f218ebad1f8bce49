/** Who asks before something unsaved is left: the page for its forms, a dialog for the one inside it. */
import { createContext, useCallback, useContext, useEffect, useMemo, useState } from 'react';

type Unsaved = () => boolean;

interface Scope {
  /** A form says of itself whether leaving would lose something. Returns how it goes away. */
  add: (form: Unsaved) => () => void;
  /** Goes, or asks first. */
  leave: (go: () => void) => void;
}

/** Without anything around it nobody asks. */
export const LeaveScope = createContext<Scope>({
  add: () => () => undefined,
  leave: (go) => {
    go();
  },
});

/** The way out of a form that is not a link: Cancel, the cross of its dialog. */
export const useLeave = () => useContext(LeaveScope).leave;

/** What is around it asks while `isUnsaved` says so. */
export function useUnsaved(isUnsaved: Unsaved) {
  const { add } = useContext(LeaveScope);
  useEffect(() => add(isUnsaved), [add, isUnsaved]);
}

/** A scope of its own. `way`: where somebody wants to go who has to be asked. */
export function useLeaving() {
  const outer = useContext(LeaveScope).add;
  const [forms] = useState(() => new Set<Unsaved>());
  const [way, setWay] = useState<(() => void) | null>(null);
  const isUnsaved = useCallback(() => [...forms].some((form) => form()), [forms]);
  const scope = useMemo<Scope>(
    () => ({
      add: (form) => {
        forms.add(form);
        const gone = outer(form);
        return () => {
          forms.delete(form);
          gone();
        };
      },
      leave: (go) => {
        if (isUnsaved()) setWay(() => go);
        else go();
      },
    }),
    [forms, isUnsaved, outer],
  );
  return { scope, isUnsaved, way, stay: setWay.bind(null, null) };
}
