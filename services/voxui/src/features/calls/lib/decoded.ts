import { gathered, type Peaks } from './wav';

/** Peaks of a recording that is no WAV, by the browser's own decoder: one lane. Throws when that cannot read it either. */
export async function decodedPeaks(file: ArrayBuffer, buckets: number): Promise<Peaks> {
  const sound = await new OfflineAudioContext(1, 1, 8_000).decodeAudioData(file);
  const each = sound.length / buckets;
  const all = Array.from({ length: sound.numberOfChannels }, (_, at) =>
    gathered(sound.getChannelData(at), each, buckets),
  );
  const loudest = Array.from({ length: buckets }, (_, at) => Math.max(...all.map((peaks) => peaks[at] ?? 0)));
  return { channels: [loudest], durationMs: sound.duration * 1_000, known: 1 };
}
