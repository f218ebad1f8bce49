/** One test call: microphone to worker, worker to loudspeaker. No React in here; it tells its state to a listener. */
import { decodeAudio, encodeAudio, FRAME_SAMPLES, openingFrames, readFrame } from './frames';
import captureUrl from './capture.worklet.ts?worker&url';
import playbackUrl from './playback.worklet.ts?worker&url';
import {
  INSECURE,
  microphoneTrouble,
  refusedTrouble,
  socketTrouble,
  startTrouble,
  type Fleet,
  type Trouble,
} from './problems';
import { Reaction } from './reaction';
import { CALL_RATE } from './resample';

export interface CallState {
  phase: 'asking' | 'connecting' | 'talking' | 'ended' | 'failed';
  streamId: string;
  /** Milliseconds since 1970 of the answer; null before it. */
  answeredAt: number | null;
  endedAt: number | null;
  mic: number;
  bot: number;
  botSpeaks: boolean;
  reactionMs: number | null;
  endedBy: 'you' | 'bot' | 'transfer' | null;
  note: string;
  trouble: Trouble | null;
}

export interface Place {
  ws_url: string;
  context_id: string;
}

/** What a call asks of the server. */
export interface Office {
  place: () => Promise<Place>;
  fleet: () => Promise<Fleet>;
}

const DRAIN_CHECK_MS = 100;
const DRAIN_LIMIT_MS = 3_000;

export class BrowserCall {
  private state: CallState;
  private stream: MediaStream | null = null;
  private input: AudioContext | null = null;
  private output: AudioContext | null = null;
  private speaker: AudioWorkletNode | null = null;
  private socket: WebSocket | null = null;
  private readonly reaction = new Reaction();
  private muted = false;
  private closed = false;
  private opened = false;
  private queued = 0;

  constructor(
    private readonly office: Office,
    private readonly tell: (state: CallState) => void,
  ) {
    this.state = {
      phase: 'asking', streamId: `browser-${crypto.randomUUID()}`, answeredAt: null, endedAt: null, mic: 0, bot: 0,
      botSpeaks: false, reactionMs: null, endedBy: null, note: '', trouble: null,
    }; // prettier-ignore
  }

  private set(change: Partial<CallState>) {
    this.state = { ...this.state, ...change };
    this.tell(this.state);
  }

  /** Microphone first: a seat is not asked for while the permission dialog is open. */
  async start(deviceId: string) {
    this.set({});
    // `in`: on an insecure page the browser leaves it out, whatever the types say.
    if (!('mediaDevices' in navigator)) {
      this.fail(INSECURE);
      return;
    }
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({
        audio: {
          echoCancellation: true,
          noiseSuppression: true,
          autoGainControl: true,
          ...(deviceId ? { deviceId } : {}),
        },
      });
    } catch (error) {
      this.fail(microphoneTrouble(error));
      return;
    }
    if (this.closed) {
      this.release();
      return;
    }
    this.set({ phase: 'connecting' });
    // At the same time: who waits for a call hears each of them.
    const sound = this.prepareSound(this.stream).then(
      () => null,
      (error: unknown) => ({
        title: 'Sound could not be set up',
        text: error instanceof Error ? error.message : String(error),
      }),
    );
    let place: Place;
    try {
      place = await this.office.place();
    } catch (error) {
      this.fail(startTrouble(error, await this.office.fleet()));
      return;
    }
    const trouble = await sound;
    if (trouble) {
      this.fail(trouble);
      return;
    }
    if (!this.closed) this.connect(place);
  }

  private async prepareSound(stream: MediaStream) {
    this.input = new AudioContext();
    this.output = new AudioContext({ sampleRate: CALL_RATE });
    await Promise.all([this.input.audioWorklet.addModule(captureUrl), this.output.audioWorklet.addModule(playbackUrl)]);
    const capture = new AudioWorkletNode(this.input, 'vox-capture', { numberOfOutputs: 0 });
    capture.port.onmessage = (event: MessageEvent<Float32Array>) => {
      this.onMicrophone(event.data);
    };
    this.input.createMediaStreamSource(stream).connect(capture);
    this.speaker = new AudioWorkletNode(this.output, 'vox-playback', { numberOfInputs: 0, outputChannelCount: [1] });
    this.speaker.port.onmessage = (event: MessageEvent<{ peak: number; playing: boolean }>) => {
      this.onSpeaker(event.data.peak, event.data.playing);
    };
    this.speaker.connect(this.output.destination);
    await Promise.all([this.input.resume(), this.output.resume()]);
  }

  private onMicrophone(frame: Float32Array) {
    const level = this.muted ? 0 : frame.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0);
    this.reaction.heardCustomer(level, performance.now());
    if (this.socket?.readyState === WebSocket.OPEN && this.state.phase === 'talking') {
      this.send({ event: 'media', payload: encodeAudio(this.muted ? new Float32Array(FRAME_SAMPLES) : frame) });
    }
    if (Math.abs(level - this.state.mic) > 0.02) this.set({ mic: level });
  }

  private onSpeaker(peak: number, playing: boolean) {
    if (peak > 0.01) this.reaction.heardBot(performance.now());
    const reactionMs = this.reaction.last;
    if (
      playing !== this.state.botSpeaks ||
      Math.abs(peak - this.state.bot) > 0.04 ||
      reactionMs !== this.state.reactionMs
    ) {
      this.set({ bot: playing ? peak : 0, botSpeaks: playing, reactionMs });
    }
    if (!playing) this.queued = 0;
  }

  private connect(place: Place) {
    const socket = new WebSocket(place.ws_url);
    this.socket = socket;
    socket.onopen = () => {
      this.opened = true;
      for (const frame of openingFrames(this.state.streamId, place.context_id)) this.send(frame);
      this.set({ phase: 'talking', answeredAt: Date.now() });
    };
    socket.onmessage = (event: MessageEvent<string>) => {
      this.onFrame(event.data);
    };
    socket.onclose = (event) => {
      if (this.closed) return;
      if (!this.opened) {
        void this.office.fleet().then((fleet) => {
          this.fail(refusedTrouble(fleet, place.ws_url));
        });
        return;
      }
      const trouble = socketTrouble(event.code, event.reason);
      if (trouble) this.fail(trouble);
      else this.end('bot');
    };
  }

  private send(frame: object) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(frame));
  }

  private onFrame(text: string) {
    const frame = readFrame(text);
    if (frame.event === 'reverse-media') {
      const samples = decodeAudio(frame.payload);
      this.queued += samples.length;
      this.speaker?.port.postMessage(samples, [samples.buffer]);
    } else if (frame.event === 'reverse-media-stop') {
      this.speaker?.port.postMessage('clear');
      this.queued = 0;
    } else if (frame.event === 'reverse-hangup-call') {
      void this.playOutThenHangUp('bot', '');
    } else if (frame.event === 'reverse-call-transfer') {
      void this.playOutThenHangUp(
        'transfer',
        `The bot transferred the call to ${frame.transferTo}. In a test call that is the end.`,
      );
    }
  }

  private async playOutThenHangUp(by: 'bot' | 'transfer', note: string) {
    const limit = performance.now() + DRAIN_LIMIT_MS;
    while (this.queued > 0 && performance.now() < limit) await new Promise((done) => setTimeout(done, DRAIN_CHECK_MS));
    this.set({ note });
    this.end(by);
  }

  mute(muted: boolean) {
    this.muted = muted;
  }

  press(digit: string) {
    this.send({ event: 'dtmf', digit });
  }

  hangUp() {
    this.end('you');
  }

  private end(by: 'you' | 'bot' | 'transfer') {
    if (this.closed) return;
    this.send({ event: 'hangup-call', disconnectedBy: 'customer' });
    this.set({ phase: 'ended', endedBy: by, endedAt: Date.now(), mic: 0, bot: 0, botSpeaks: false });
    this.release();
  }

  private fail(trouble: Trouble) {
    if (this.closed) return;
    this.set({ phase: 'failed', trouble, endedAt: Date.now(), mic: 0, bot: 0, botSpeaks: false });
    this.release();
  }

  /** The microphone's light goes off at once. */
  private release() {
    this.closed = true;
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.socket?.close(1000);
    for (const context of [this.input, this.output]) if (context && context.state !== 'closed') void context.close();
  }
}
