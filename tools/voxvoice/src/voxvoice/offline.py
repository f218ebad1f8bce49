"""The same models without a server, for tests and tools in the same process.

>>> audio = synthesize("My order number is four five one two.", 8000)
>>> transcribe(audio.tobytes())
'My order number is 4512.'
"""

from functools import lru_cache
from pathlib import Path

import numpy as np

from voxvoice.models import PIPER_JOE, WHISPER, verified
from voxvoice.stt import Whisper, to_16k
from voxvoice.tts import Piper, gap, split_sentences
from voxvoice.wav import parse_wav, pcm16_to_float

THREADS = 2


@lru_cache(maxsize=1)
def _whisper() -> Whisper:
    return Whisper(verified(WHISPER), THREADS)


@lru_cache(maxsize=1)
def _piper() -> Piper:
    return Piper(verified(PIPER_JOE), THREADS)


def transcribe(audio: bytes | str | Path, channel: int | None = None, *, rate_hz: int = 8000) -> str:
    """Text of a WAV file (path or bytes) or of raw 16-bit mono PCM bytes at `rate_hz`; "" when nobody speaks.

    `channel` picks one of a recording's channels, counted from 0; without it the mix is read.
    Raises: WavError, ModelError, OSError.
    """
    data = audio if isinstance(audio, bytes) else Path(audio).read_bytes()
    if data[:4] == b"RIFF" or not isinstance(audio, bytes):
        wav = parse_wav(data)
        samples, rate_hz = wav.mono(channel), wav.rate_hz
    else:
        samples = pcm16_to_float(data)
    return _whisper().text(to_16k(samples, rate_hz))


def synthesize(text: str, rate: int) -> np.ndarray:
    """Speech as int16 samples at `rate` Hz (8,000 to 48,000). Raises: ModelError."""
    pieces = [pcm for sentence in split_sentences(text) if (pcm := _piper().speak(sentence, 1.0, rate))]
    return np.frombuffer(gap(rate).join(pieces), "<i2").copy()
