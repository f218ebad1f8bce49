"""What a person at the computer hears: the sound that a page sends to its loudspeaker, and the words in it."""

from __future__ import annotations

import base64
import io
import wave

import httpx
from playwright.sync_api import Page

# Every source of the page is led past a tap before it reaches the loudspeaker.
_TAP = """(() => {
  const heard = { rate: 0, chunks: [] };
  const connect = AudioNode.prototype.connect;
  AudioNode.prototype.connect = function (target, ...rest) {
    if (target instanceof AudioDestinationNode) {
      heard.rate = target.context.sampleRate;
      heard.tap = target.context.createScriptProcessor(4096, 1, 1);
      heard.tap.onaudioprocess = (event) => heard.chunks.push(event.inputBuffer.getChannelData(0).slice());
      connect.call(this, heard.tap);
      connect.call(heard.tap, target);
    }
    return connect.call(this, target, ...rest);
  };
  window.heardSound = () => {
    const samples = heard.chunks.flatMap((chunk) => Array.from(chunk));
    const bytes = new Uint8Array(Int16Array.from(samples, (one) => Math.max(-1, Math.min(1, one)) * 32767).buffer);
    let text = '';
    for (const byte of bytes) text += String.fromCharCode(byte);
    return { rate: heard.rate, pcm: btoa(text) };
  };
})()"""


def listen(page: Page) -> None:
    """From the next page load on."""
    page.add_init_script(_TAP)


def heard_words(page: Page, voice_url: str) -> str:
    """Lower-case transcription of all that came out of the loudspeaker so far."""
    sound = page.evaluate("window.heardSound()")
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(int(sound["rate"]))
        out.writeframes(base64.b64decode(sound["pcm"]))
    answer = httpx.post(
        f"{voice_url}/v1/audio/transcriptions",
        data={"model": "whisper-1", "language": "en"},
        files={"file": ("heard.wav", file.getvalue(), "audio/wav")},
        timeout=120,
    )
    answer.raise_for_status()
    return str(answer.json()["text"]).lower()
