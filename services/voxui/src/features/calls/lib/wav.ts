/** A WAV file as peaks for drawing. Runs in a worker: a ten-minute call has ten million samples. */

export interface Peaks {
  /** One array per channel, values 0 to 1, one per bucket. */
  channels: number[][];
  durationMs: number;
}

/** Raises: Error when this is no PCM WAV of 16 bit. */
export function wavPeaks(bytes: ArrayBuffer, buckets: number): Peaks {
  const view = new DataView(bytes);
  const tag = (at: number) => String.fromCharCode(...new Uint8Array(bytes, at, 4));
  if (bytes.byteLength < 44 || tag(0) !== 'RIFF' || tag(8) !== 'WAVE') throw new Error('no WAV file');
  let channels = 0;
  let rate = 0;
  let bits = 0;
  let at = 12;
  while (at + 8 <= bytes.byteLength) {
    const name = tag(at);
    const size = view.getUint32(at + 4, true);
    if (name === 'fmt ') {
      channels = view.getUint16(at + 10, true);
      rate = view.getUint32(at + 12, true);
      bits = view.getUint16(at + 22, true);
    }
    if (name === 'data') {
      if (bits !== 16 || channels < 1 || rate === 0) throw new Error('not PCM of 16 bit');
      // A size of 0 or of 4 GB stands in files whose writer could not go back: what is there counts.
      const length = Math.min(size || Infinity, bytes.byteLength - at - 8);
      const samples = new Int16Array(bytes.slice(at + 8, at + 8 + length - (length % 2)));
      return {
        channels: Array.from({ length: channels }, (_, channel) => peaksOf(samples, channel, channels, buckets)),
        durationMs: (samples.length / channels / rate) * 1_000,
      };
    }
    at += 8 + size + (size % 2);
  }
  throw new Error('a WAV file without data');
}

function peaksOf(samples: Int16Array, channel: number, channels: number, buckets: number): number[] {
  const frames = Math.floor(samples.length / channels);
  const peaks = new Array<number>(buckets).fill(0);
  for (let bucket = 0; bucket < buckets; bucket += 1) {
    const start = Math.floor((bucket * frames) / buckets);
    const end = Math.max(start + 1, Math.floor(((bucket + 1) * frames) / buckets));
    let peak = 0;
    for (let frame = start; frame < end && frame < frames; frame += 1) {
      const value = Math.abs(samples[frame * channels + channel] ?? 0);
      if (value > peak) peak = value;
    }
    peaks[bucket] = peak / 32_768;
  }
  return peaks;
}
