"""The customer of a test call: a WAV that Chromium plays as its microphone."""

from __future__ import annotations

import io
import wave
from pathlib import Path

import httpx

RATE_HZ = 24_000
# (seconds of silence before it, words). The bot greets for three seconds, and would answer the question for eight: the
# customer has heard enough before that.
LINES = ((5.5, "Hello, what are your opening hours?"), (4.0, "Thank you very much. That is all. Goodbye."))
SILENCE_AT_THE_END_S = 60.0


def spoken(voice_url: str, words: str) -> bytes:
    """16-bit mono PCM at 24 kHz of these words in the voice of the stack."""
    answer = httpx.post(
        f"{voice_url}/v1/audio/speech",
        json={"model": "tts-1", "voice": "alloy", "input": words, "response_format": "wav"},
        timeout=60,
    )
    answer.raise_for_status()
    with wave.open(io.BytesIO(answer.content)) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (RATE_HZ, 1, 2)
        # A stream's header does not know its length: everything that came counts.
        return sound.readframes(len(answer.content))


def write_customer(voice_url: str, path: Path) -> Path:
    """The customer's side of a whole conversation."""
    parts = [silence(before) + spoken(voice_url, words) for before, words in LINES]
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE_HZ)
        sound.writeframes(b"".join(parts) + silence(SILENCE_AT_THE_END_S))
    return path


def silence(seconds: float) -> bytes:
    return bytes(2 * int(seconds * RATE_HZ))
