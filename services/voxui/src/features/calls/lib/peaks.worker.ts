import { Gathered } from '@/lib/gathered';

import { WavPeaks, type Peaks } from './wav';

/** What is told to the worker: first of the file, then its bytes as they come, then null. */
export type Told = { type: string; total: number | null; buckets: number } | Uint8Array<ArrayBuffer> | null;

/** What it tells: how much is there, as a picture too where it can be drawn; with the last of it the whole file. */
export interface Heard {
  bytes: number;
  peaks: Peaks | null;
  file?: Blob;
}

/** Pictures are given at most this often. */
const APART_MS = 150;

let gathered = new Gathered();
/** Null: what comes cannot be drawn here. */
let reader: WavPeaks | null = null;
let buckets = 0;
let type = '';
let givenAt = -Infinity;

self.onmessage = ({ data }: MessageEvent<Told>) => {
  if (data !== null && 'total' in data) {
    ({ buckets, type } = data);
    gathered = new Gathered();
    reader = new WavPeaks(data.total);
    return;
  }
  if (data) {
    gathered.push(data);
    draw((wav) => {
      wav.push(data);
    });
    if (performance.now() - givenAt < APART_MS) return;
  }
  const peaks = draw((wav) => wav.peaks(buckets, data === null)) ?? null;
  if (data && !peaks && reader) return;
  givenAt = performance.now();
  const heard: Heard = { bytes: gathered.bytes, peaks, ...(data ? {} : { file: gathered.file(type) }) };
  self.postMessage(heard);
  // What it holds goes with it.
  if (!data) self.close();
};

function draw<T>(work: (wav: WavPeaks) => T): T | undefined {
  try {
    return reader ? work(reader) : undefined;
  } catch {
    reader = null; // no WAV of 16 bit
    return undefined;
  }
}
