import { useEffect, useRef, useState } from 'react';

/**
 * Keeps the line `current` of a box in sight, until the person scrolls the box, by whatever means: a scroll that does not
 * lead to where this one leads is the person's. -1: there is nothing to follow, and scrolling changes nothing.
 */
export function useFollow<Box extends HTMLElement>(current: number) {
  const box = useRef<Box>(null);
  const way = useRef({ to: 0, left: 0 });
  const [isFollowing, setFollowing] = useState(true);
  useEffect(() => {
    const frame = box.current;
    const line = frame?.children[current];
    if (!isFollowing || !frame || !(line instanceof HTMLElement)) return;
    const lowest = frame.scrollHeight - frame.clientHeight;
    const to = Math.min(lowest, Math.max(0, line.offsetTop - frame.clientHeight / 3));
    way.current = { to, left: Math.abs(to - frame.scrollTop) };
    frame.scrollTop = to;
  }, [current, isFollowing]);

  const onScroll = () => {
    if (current < 0 || !box.current) return;
    const left = Math.abs(way.current.to - box.current.scrollTop);
    if (left > way.current.left + 1) setFollowing(false); // places are rounded to pixels
    way.current.left = left;
  };
  return { box, isFollowing, setFollowing, onScroll };
}
