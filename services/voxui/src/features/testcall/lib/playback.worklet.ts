import { PlayQueue } from './play-queue';

/** The bot's voice: chunks at 8 kHz in, sound out. The context runs at 8 kHz; the browser brings it to the device's rate. */
class Playback extends AudioWorkletProcessor {
  private readonly queue = new PlayQueue();
  private wasPlaying = false;

  constructor() {
    super();
    this.port.onmessage = (event: MessageEvent<Float32Array | 'clear'>) => {
      if (event.data === 'clear') this.queue.clear();
      else this.queue.add(event.data);
    };
  }

  process(_: Float32Array[][], outputs: Float32Array[][]): boolean {
    const out = outputs[0]?.[0];
    if (!out) return true;
    const peak = this.queue.fill(out);
    const playing = this.queue.playing;
    if (playing || this.wasPlaying) this.port.postMessage({ peak, playing });
    this.wasPlaying = playing;
    return true;
  }
}

registerProcessor('vox-playback', Playback);
