import { WavPeaks } from './wav';

/** What is told to the worker: first the size of the file, then its bytes as they come, then null. */
export type Told = { total: number | null; buckets: number } | Uint8Array | null;

/** Pictures are given at most this often. */
const APART_MS = 150;

let reader: WavPeaks | null = null;
let buckets = 0;
let givenAt = -Infinity;

self.onmessage = ({ data }: MessageEvent<Told>) => {
  try {
    if (data !== null && 'total' in data) {
      reader = new WavPeaks(data.total);
      buckets = data.buckets;
      return;
    }
    if (data) reader?.push(data);
    if (data && performance.now() - givenAt < APART_MS) return;
    const peaks = reader?.peaks(buckets, data === null);
    if (!peaks) return;
    givenAt = performance.now();
    self.postMessage(peaks);
  } catch (error) {
    reader = null;
    self.postMessage({ error: error instanceof Error ? error.message : String(error) });
  }
};
