import { wavPeaks } from './wav';

self.onmessage = (event: MessageEvent<{ bytes: ArrayBuffer; buckets: number }>) => {
  try {
    self.postMessage(wavPeaks(event.data.bytes, event.data.buckets));
  } catch (error) {
    self.postMessage({ error: error instanceof Error ? error.message : String(error) });
  }
};
