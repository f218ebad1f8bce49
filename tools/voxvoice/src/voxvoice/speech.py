"""Speech to text and text to speech over the two lanes: the one door to the models."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial

import numpy as np

from voxvoice.lanes import Lanes, Urgency
from voxvoice.metrics import Metrics
from voxvoice.models import PIPER_JOE, WHISPER, verified
from voxvoice.stt import RATE_HZ, Segment, Whisper, find_speech
from voxvoice.tts import Piper, gap, split_sentences


class Speech:
    """Both models, loaded. Its methods may be called from any task."""

    def __init__(self, lanes: Lanes, metrics: Metrics, threads: int) -> None:
        """Check the model files and load them: about a second. Raises: ModelError."""
        self.lanes = lanes
        self.metrics = metrics
        self.whisper = Whisper(verified(WHISPER), threads)
        self.piper = Piper(verified(PIPER_JOE), threads)
        self.whisper.warm_up()
        self.piper.warm_up()

    @classmethod
    async def load(cls, lanes: Lanes, metrics: Metrics, threads: int) -> "Speech":
        """Load beside the event loop, so that health answers meanwhile. Raises: ModelError."""
        return await asyncio.to_thread(cls, lanes, metrics, threads)

    @property
    def remembered_bytes(self) -> int:
        """Audio held for texts that come again."""
        return self.piper.cache.held_bytes

    async def transcribe(
        self, audio: np.ndarray, urgency: Urgency, prompt: str | None = None, temperature: float = 0.0
    ) -> list[Segment]:
        """Segments of float32 mono audio at 16 kHz, one a stretch of speech; [] for silence.

        Each stretch is its own piece of work, so a long file does not hold up a caller.
        """
        with self.metrics.timed("stt"):
            self.metrics.audio_in.inc(len(audio) / RATE_HZ)
            stretches = await self.lanes.run("whisper", urgency, partial(find_speech, audio))
            found: list[Segment] = []
            for stretch in stretches:
                read = partial(self.whisper.segments, audio, prompt, [stretch], temperature)
                found += await self.lanes.run("whisper", urgency, lambda read=read: list(read()))
            return found

    async def speak(self, text: str, speed: float, rate_hz: int) -> AsyncIterator[bytes]:
        """16-bit mono PCM of `text`, one sentence a step; sentences said before cost nothing."""
        first = True
        for sentence in split_sentences(text):
            pcm = self.piper.remembered(sentence, speed, rate_hz)
            if pcm is None:
                urgency = Urgency.FIRST_SENTENCE if first else Urgency.LATER_SENTENCE
                pcm = await self.lanes.run("piper", urgency, partial(self.piper.speak, sentence, speed, rate_hz))
            if not pcm:
                continue
            self.metrics.audio_out.inc(len(pcm) / 2 / rate_hz)
            yield pcm if first else gap(rate_hz) + pcm
            first = False
