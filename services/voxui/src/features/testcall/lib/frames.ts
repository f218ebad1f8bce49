/** Frames of the native WebSocket protocol: JSON text, audio as base64 of signed 16-bit little-endian PCM at 8 kHz. */

export const FRAME_SAMPLES = 160; // 20 ms

export function encodeAudio(samples: Float32Array): string {
  const bytes = new Uint8Array(samples.length * 2);
  const view = new DataView(bytes.buffer);
  samples.forEach((sample, at) => {
    view.setInt16(at * 2, Math.round(Math.max(-1, Math.min(1, sample)) * 32_767), true);
  });
  return btoa(String.fromCharCode(...bytes));
}

export function decodeAudio(payload: string): Float32Array {
  const bytes = Uint8Array.from(atob(payload), (char) => char.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  return Float32Array.from({ length: bytes.length >> 1 }, (_, at) => view.getInt16(at * 2, true) / 32_768);
}

export type Incoming =
  | { event: 'reverse-media'; payload: string }
  | { event: 'reverse-media-stop' }
  | { event: 'reverse-hangup-call'; reason: string }
  | { event: 'reverse-call-transfer'; transferTo: string }
  | { event: 'other' };

/** What the worker said; unknown events and broken frames are `other`, and ignored. */
export function readFrame(text: string): Incoming {
  let frame: Record<string, unknown>;
  try {
    frame = JSON.parse(text) as Record<string, unknown>;
  } catch {
    return { event: 'other' };
  }
  const word = (key: string) => (typeof frame[key] === 'string' ? frame[key] : '');
  switch (frame.event) {
    case 'reverse-media':
      return { event: 'reverse-media', payload: word('payload') };
    case 'reverse-media-stop':
      return { event: 'reverse-media-stop' };
    case 'reverse-hangup-call':
      return { event: 'reverse-hangup-call', reason: word('reason') };
    case 'reverse-call-transfer':
      return { event: 'reverse-call-transfer', transferTo: word('transferTo') };
    default:
      return { event: 'other' };
  }
}

export const openingFrames = (streamId: string, contextId: string) => [
  { event: 'connected', callerId: 'browser', did: '', callDirection: 'incoming', streamId, _context: contextId },
  { event: 'start', streamId, mediaFormat: { encoding: 'LINEAR', sampleRate: 8_000, channels: 1 } },
  { event: 'answer' },
];
