import { useEffect, useRef, useState } from 'react';

/** For a list that scrolls sideways: what is chosen in it is brought into sight, also when the page is opened there. */
export function useChosenInSight<List extends HTMLElement>(chosen: string | number) {
  const list = useRef<List>(null);
  useEffect(() => {
    const frame = list.current?.getBoundingClientRect();
    const entry = list.current?.querySelector('[aria-current], [data-state=active]')?.getBoundingClientRect();
    if (!list.current || !frame || !entry) return;
    list.current.scrollLeft += entry.left - frame.left - (frame.width - entry.width) / 2;
  }, [chosen]);
  return list;
}

/** Whether this place has been in sight yet: what is costly to draw waits for it. */
export function useSeen<Place extends HTMLElement>() {
  const place = useRef<Place>(null);
  const [seen, setSeen] = useState(!('IntersectionObserver' in window));
  useEffect(() => {
    if (seen || !place.current) return;
    const observer = new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting)) setSeen(true);
    });
    observer.observe(place.current);
    return () => {
      observer.disconnect();
    };
  }, [seen]);
  return { place, seen };
}
