/** A WAV file as peaks for drawing, while it comes. Runs in a worker: a ten-minute call has ten million samples. */

export interface Peaks {
  /** One array per channel, values 0 to 1, one per bucket. */
  channels: number[][];
  /** Of the whole recording, as far as that is known. */
  durationMs: number;
  /** Share of the recording that the peaks reach to, 0 to 1. */
  known: number;
}

interface Format {
  channels: number;
  rate: number;
  /** Bytes of a frame: one sample of each channel. */
  size: number;
  dataAt: number;
  /** Of the samples, bytes; Infinity in files whose writer could not go back to write it. */
  length: number;
}

/** Null: not enough is here yet. Throws Error when this is no PCM WAV of 16 bit. */
function readHeader(bytes: Uint8Array): Format | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const tag = (at: number) => String.fromCharCode(...bytes.subarray(at, at + 4));
  if (bytes.length < 12) return null;
  if (tag(0) !== 'RIFF' || tag(8) !== 'WAVE') throw new Error('no WAV file');
  let channels = 0;
  let rate = 0;
  let bits = 0;
  for (let at = 12; at + 8 <= bytes.length;) {
    const name = tag(at);
    const length = view.getUint32(at + 4, true);
    if (name === 'data') {
      if (bits !== 16 || channels < 1 || rate === 0) throw new Error('not PCM of 16 bit');
      const isWritten = length > 0 && length < 0xffff_0000;
      return { channels, rate, size: 2 * channels, dataAt: at + 8, length: isWritten ? length : Infinity };
    }
    if (name === 'fmt ' && at + 24 <= bytes.length) {
      channels = view.getUint16(at + 10, true);
      rate = view.getUint32(at + 12, true);
      bits = view.getUint16(at + 22, true);
    }
    at += 8 + length + (length % 2);
  }
  return null;
}

/** Peaks are kept this many a second, and gathered into buckets when somebody asks. */
const PER_SECOND = 200;

export class WavPeaks {
  private format: Format | null = null;
  private rest = new Uint8Array();
  private frames = 0;
  private fine: number[][] = [];

  /** `total`: bytes of the whole file, null when nobody says. */
  constructor(private readonly total: number | null) {}

  /** The next bytes of the file, wherever it was cut. Throws Error when it is no PCM WAV of 16 bit. */
  push(part: Uint8Array) {
    let bytes = part;
    if (this.rest.length > 0) {
      bytes = new Uint8Array(this.rest.length + part.length);
      bytes.set(this.rest);
      bytes.set(part, this.rest.length);
    }
    if (!this.format) {
      this.format = readHeader(bytes);
      if (this.format) {
        bytes = bytes.subarray(this.format.dataAt);
        this.fine = Array.from({ length: this.format.channels }, () => []);
      }
    }
    const taken = this.format ? this.take(bytes, this.format) : 0;
    this.rest = bytes.slice(taken);
  }

  /** Reads whole frames; gives how many bytes they are. */
  private take(bytes: Uint8Array, { channels, rate, size, length }: Format): number {
    const left = length === Infinity ? Infinity : Math.floor(length / size) - this.frames;
    const count = Math.min(left, Math.floor(bytes.length / size));
    // Samples stand as computers hold them, little end first, but only at an even place can they be read as they are.
    const even = bytes.byteOffset % 2 === 0 ? bytes : bytes.slice();
    const samples = new Int16Array(even.buffer, even.byteOffset, count * channels);
    const perPeak = rate / PER_SECOND;
    for (let channel = 0; channel < channels; channel += 1) {
      const peaks = this.fine[channel] ?? [];
      for (let frame = 0; frame < count;) {
        const at = Math.floor((this.frames + frame) / perPeak);
        const end = Math.min(count, Math.ceil((at + 1) * perPeak) - this.frames);
        let highest = 0;
        for (; frame < end; frame += 1) {
          const value = Math.abs(samples[frame * channels + channel] ?? 0);
          if (value > highest) highest = value;
        }
        peaks[at] = Math.max(peaks[at] ?? 0, highest / 32_768);
      }
    }
    this.frames += count;
    return count * size;
  }

  /** What is known until now; null: nothing. `isWhole`: no more comes, whatever the file says of its length. */
  peaks(buckets: number, isWhole: boolean): Peaks | null {
    const { format, frames, fine } = this;
    if (!format || frames === 0) return null;
    const told = format.length === Infinity ? (this.total ?? 0) - format.dataAt : format.length;
    const whole = isWhole ? frames : Math.max(frames, Math.floor(told / format.size));
    const perBucket = (whole * PER_SECOND) / format.rate / buckets;
    return {
      channels: fine.map((peaks) => gathered(peaks, perBucket, buckets)),
      durationMs: (whole / format.rate) * 1_000,
      known: frames / whole,
    };
  }
}

/** The highest of each bucket, which takes `each` of the values, a part of one among them. */
export const gathered = (values: ArrayLike<number>, each: number, buckets: number): number[] =>
  Array.from({ length: buckets }, (_, bucket) => {
    const start = Math.floor(bucket * each);
    const end = Math.min(values.length, Math.max(start + 1, Math.floor((bucket + 1) * each)));
    let peak = 0;
    for (let at = start; at < end; at += 1) peak = Math.max(peak, Math.abs(values[at] ?? 0));
    return peak;
  });
