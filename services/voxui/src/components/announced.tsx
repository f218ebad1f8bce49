import { useEffect, useRef, useState } from 'react';

const APART_MS = 5_000;

/** What live data change, read aloud: the latest of it, at most once in 5 s. It is seen elsewhere, and at once. */
export function Announced({ text }: { text: string }) {
  const [said, setSaid] = useState(text);
  const saidAt = useRef(-Infinity);
  useEffect(() => {
    if (text === said) return;
    const timer = setTimeout(
      () => {
        saidAt.current = performance.now();
        setSaid(text);
      },
      Math.max(0, saidAt.current + APART_MS - performance.now()),
    );
    return () => {
      clearTimeout(timer);
    };
  }, [text, said]);
  return (
    <span role="status" className="sr-only">
      {said}
    </span>
  );
}
