import { useEffect, useState } from 'react';

import { fetchFile } from '@/lib/api';

import { decodedPeaks } from '../lib/decoded';
import type { Told } from '../lib/peaks.worker';
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
    const tell = (told: Told) => {
      worker.postMessage(told);
    };
    const show = (peaks: Peaks | null) => {
      if (!signal.aborted) setRecording((shown) => ({ ...shown, peaks }));
    };
    const isNoWav = new Promise<void>((resolve) => {
      worker.onmessage = ({ data }: MessageEvent<Peaks | { error: string }>) => {
        if ('error' in data) resolve();
        else show(data);
      };
    });
    const load = async () => {
      setAbort(running);
      setRecording(START);
      const answer = await fetchFile(path, signal);
      const total = Number(answer.headers.get('Content-Length')) || null;
      tell({ total, buckets: BUCKETS });
      const parts: Uint8Array<ArrayBuffer>[] = [];
      let size = 0;
      for (const reader = answer.body?.getReader(); reader;) {
        const { done, value } = await reader.read();
        if (done) break;
        parts.push(value);
        size += value.length;
        tell(value);
        const share = total && Math.min(1, size / total);
        setRecording(({ peaks }) => ({ state: 'loading', share, peaks }));
      }
      tell(null);
      const file = new Blob(parts, { type: answer.headers.get('Content-Type') ?? 'audio/wav' });
      url = URL.createObjectURL(file);
      setRecording(({ peaks }) => ({ state: 'ready', url, peaks }));
      await isNoWav;
      // What no browser decodes can be heard perhaps, only not be drawn.
      show(await decodedPeaks(await file.arrayBuffer(), BUCKETS).catch(() => null));
    };
    load().catch((error: unknown) => {
      if (!signal.aborted) setRecording({ state: 'error', error, peaks: null });
    });
    return () => {
      running.abort();
      worker.terminate();
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
