import { useEffect, useState } from 'react';

import { fetchFile } from '@/lib/api';

import type { Peaks } from '../lib/wav';

export const BUCKETS = 1_400;

export type Recording =
  | { state: 'loading'; share: number | null }
  | { state: 'error'; error: unknown }
  | { state: 'ready'; url: string; peaks: Peaks | null };

/** Loads a recording with the token, gives an address for one audio element, and peaks for drawing. */
export function useRecording(path: string): Recording & { again: () => void } {
  const [recording, setRecording] = useState<Recording>({ state: 'loading', share: null });
  const [tries, setTries] = useState(0);

  useEffect(() => {
    const abort = new AbortController();
    let url = '';
    let worker: Worker | undefined;
    const load = async () => {
      setRecording({ state: 'loading', share: null });
      const answer = await fetchFile(path, abort.signal);
      const bytes = await readAll(answer, (share) => {
        setRecording({ state: 'loading', share });
      });
      const type = answer.headers.get('Content-Type') ?? 'audio/wav';
      url = URL.createObjectURL(new Blob([bytes], { type }));
      setRecording({ state: 'ready', url, peaks: null });
      worker = new Worker(new URL('../lib/peaks.worker.ts', import.meta.url), { type: 'module' });
      worker.onmessage = (event: MessageEvent<Peaks | { error: string }>) => {
        const answer = event.data;
        // Not a WAV: it can be heard, only not be drawn.
        if (!('error' in answer)) setRecording({ state: 'ready', url, peaks: answer });
      };
      worker.postMessage({ bytes, buckets: BUCKETS }, [bytes]);
    };
    load().catch((error: unknown) => {
      if (!abort.signal.aborted) setRecording({ state: 'error', error });
    });
    return () => {
      abort.abort();
      worker?.terminate();
      if (url) URL.revokeObjectURL(url);
    };
  }, [path, tries]);

  return {
    ...recording,
    again: () => {
      setTries(tries + 1);
    },
  };
}

async function readAll(answer: Response, onShare: (share: number) => void): Promise<ArrayBuffer> {
  const total = Number(answer.headers.get('Content-Length'));
  if (!answer.body || !total) return answer.arrayBuffer();
  const parts: Uint8Array[] = [];
  let size = 0;
  const reader = answer.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    size += value.length;
    onShare(size / total);
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole.buffer;
}
