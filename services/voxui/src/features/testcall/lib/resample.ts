/** From the rate of a microphone to 8 kHz: a low-pass, then every n-th value; works for any rate and for any block size. */

export const CALL_RATE = 8_000;
// Telephone speech ends at 3.4 kHz; what lies above 4 kHz must be gone, or it comes back as a false tone.
const CUTOFF_HZ = 3_500;
const LOBES = 20;
const STEPS = 256;

/** Half of a windowed sinc (Blackman), sampled `STEPS` times per lobe; index 0 is its middle. */
const KERNEL = Float64Array.from({ length: LOBES * STEPS + 1 }, (_, at) => {
  const x = at / STEPS;
  const sinc = x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
  const window = 0.42 + 0.5 * Math.cos((Math.PI * x) / LOBES) + 0.08 * Math.cos((2 * Math.PI * x) / LOBES);
  return sinc * window;
});

export class Downsampler {
  private readonly step: number;
  private readonly scale: number;
  private readonly reach: number;
  private readonly gain: number;
  private history: Float32Array;
  /** Position of the next output value in `history`. */
  private next: number;

  constructor(inputRate: number) {
    this.step = inputRate / CALL_RATE;
    const cutoff = Math.min(CUTOFF_HZ, inputRate / 2);
    this.scale = (2 * cutoff) / inputRate; // lobes per input value
    this.reach = Math.ceil(LOBES / this.scale);
    this.history = new Float32Array(this.reach); // silence before the first sound
    this.next = this.reach;
    let sum = 0;
    for (let at = -this.reach; at <= this.reach; at += 1) sum += this.weight(at);
    this.gain = 1 / sum;
  }

  private weight(distance: number): number {
    return KERNEL[Math.round(Math.abs(distance) * this.scale * STEPS)] ?? 0;
  }

  /** The 8 kHz values that this block completes; the rest waits for the next block. */
  push(block: Float32Array): Float32Array {
    const all = new Float32Array(this.history.length + block.length);
    all.set(this.history);
    all.set(block, this.history.length);
    const found: number[] = [];
    while (this.next + this.reach < all.length) {
      const middle = Math.round(this.next);
      let sum = 0;
      for (let at = middle - this.reach; at <= middle + this.reach; at += 1) {
        sum += (all[at] ?? 0) * this.weight(at - this.next);
      }
      found.push(sum * this.gain);
      this.next += this.step;
    }
    const drop = Math.max(0, Math.floor(this.next) - this.reach - 1);
    this.history = all.slice(drop);
    this.next -= drop;
    return Float32Array.from(found);
  }
}
