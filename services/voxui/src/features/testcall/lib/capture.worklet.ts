import { FRAME_SAMPLES } from './frames';
import { Downsampler } from './resample';

/** Microphone in at the device's rate, frames of 20 ms at 8 kHz out. */
class Capture extends AudioWorkletProcessor {
  private readonly downsampler = new Downsampler(sampleRate);
  private readonly frame = new Float32Array(FRAME_SAMPLES);
  private filled = 0;

  process(inputs: Float32Array[][]): boolean {
    const channel = inputs[0]?.[0];
    if (!channel) return true;
    for (const sample of this.downsampler.push(channel)) {
      this.frame[this.filled] = sample;
      this.filled += 1;
      if (this.filled === FRAME_SAMPLES) {
        this.port.postMessage(this.frame.slice());
        this.filled = 0;
      }
    }
    return true;
  }
}

registerProcessor('vox-capture', Capture);
