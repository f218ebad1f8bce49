import { CALL_RATE } from './resample';

/** Starts with 60 ms in hand, so that the network's jitter makes no gaps. */
export const START_SAMPLES = 0.06 * CALL_RATE;
/** Blocks of silence after which what is left plays without waiting for more: the end of an utterance. */
const PATIENCE_BLOCKS = 8;

export class PlayQueue {
  private chunks: Float32Array[] = [];
  private offset = 0;
  private held = 0;
  private waited = 0;
  playing = false;

  add(chunk: Float32Array) {
    this.chunks.push(chunk);
    this.held += chunk.length;
  }

  clear() {
    this.chunks = [];
    this.offset = 0;
    this.held = 0;
    this.playing = false;
  }

  /** Fills one block; answers its peak, 0 to 1. */
  fill(out: Float32Array): number {
    out.fill(0);
    if (!this.playing) {
      if (this.held === 0) return 0;
      this.waited += 1;
      if (this.held < START_SAMPLES && this.waited < PATIENCE_BLOCKS) return 0;
      this.playing = true;
    }
    this.waited = 0;
    let peak = 0;
    for (let at = 0; at < out.length; at += 1) {
      const chunk = this.chunks[0];
      if (!chunk) {
        this.playing = false;
        break;
      }
      const sample = chunk[this.offset] ?? 0;
      out[at] = sample;
      peak = Math.max(peak, Math.abs(sample));
      this.offset += 1;
      this.held -= 1;
      if (this.offset >= chunk.length) {
        this.chunks.shift();
        this.offset = 0;
      }
    }
    if (this.held === 0) this.playing = false;
    return peak;
  }
}
