import { useEffect, useState } from 'react';

import { fetchFile } from '@/lib/api';

import { decodedPeaks } from '../lib/decoded';
import type { Heard, Told } from '../lib/peaks.worker';
import type { Peaks } from '../lib/wav';

const BUCKETS = 1_400;

export type Recording = { peaks: Peaks | null } & (
  | { state: 'loading'; share: number | null }
  | { state: 'stopped' }
  | { state: 'error'; error: unknown }
  | { state: 'ready'; url: string }
);

const START: Recording = { state: 'loading', share: null, peaks: null };

/** Loads a recording with the token, gives peaks for drawing as it comes, then an address for one audio element. */
export function useRecording(path: string): Recording & { again: () => void; stop: () => void } {
  const [recording, setRecording] = useState<Recording>(START);
  const [tries, setTries] = useState(0);
  const [abort, setAbort] = useState<AbortController | null>(null);

  useEffect(() => {
    const running = new AbortController();
    const { signal } = running;
    let url = '';
    const worker = new Worker(new URL('../lib/peaks.worker.ts', import.meta.url), { type: 'module' });
    signal.addEventListener('abort', () => {
      worker.terminate();
    });
    const tell = (told: Told) => {
      // The bytes go over, they are not copied.
      worker.postMessage(told, told instanceof Uint8Array ? [told.buffer] : []);
    };
    const load = async () => {
      setAbort(running);
      setRecording(START);
      const answer = await fetchFile(path, signal);
      const total = Number(answer.headers.get('Content-Length')) || null;
      worker.onmessage = ({ data: { bytes, peaks, file } }: MessageEvent<Heard>) => {
        if (file) ready(file, peaks);
        else setRecording({ state: 'loading', share: total && Math.min(1, bytes / total), peaks });
      };
      tell({ type: answer.headers.get('Content-Type') ?? 'audio/wav', total, buckets: BUCKETS });
      for (const reader = answer.body?.getReader(); reader;) {
        const { done, value } = await reader.read();
        if (done) break;
        tell(value);
      }
      tell(null);
    };
    const ready = (file: Blob, peaks: Peaks | null) => {
      url = URL.createObjectURL(file);
      setRecording({ state: 'ready', url, peaks });
      if (!peaks) void decoded(file);
    };
    const decoded = async (file: Blob) => {
      // What no browser decodes can be heard perhaps, only not be drawn.
      const peaks = await decodedPeaks(await file.arrayBuffer(), BUCKETS).catch(() => null);
      if (!signal.aborted) setRecording((shown) => ({ ...shown, peaks }));
    };
    load().catch((error: unknown) => {
      if (!signal.aborted) setRecording({ state: 'error', error, peaks: null });
    });
    return () => {
      running.abort();
      if (url) URL.revokeObjectURL(url);
    };
  }, [path, tries]);

  return {
    ...recording,
    again: () => {
      setTries(tries + 1);
    },
    stop: () => {
      abort?.abort();
      setRecording(({ peaks }) => ({ state: 'stopped', peaks }));
    },
  };
}
