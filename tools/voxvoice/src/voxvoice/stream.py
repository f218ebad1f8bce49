"""One streaming caller: 16-bit PCM in, interims while a person speaks, exactly one final for each finalize."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar

import numpy as np
from voxkit.log import get_logger

from voxvoice.lanes import Urgency
from voxvoice.speech import Speech
from voxvoice.stt import RATE_HZ, find_speech, to_16k
from voxvoice.utterance import Due, Utterance

log = get_logger("voxvoice")
T = TypeVar("T")
Send = Callable[[dict[str, str]], Awaitable[None]]

COMMIT_PAUSE_S = 0.3
LONGEST_FINAL_S = 30.0
LATEST_INTERIM_S = 0.15  # an interim that waited longer for its turn is left out


class TranscriptStream:
    """Feeds an utterance and works on it, one transcription at a time. Run `work` as a task beside the reader."""

    def __init__(self, speech: Speech, rate_hz: int, send: Send) -> None:
        self._speech = speech
        self._send = send
        self._utterance = Utterance(rate_hz)
        self._finalizes: deque[int] = deque()
        self._news = asyncio.Event()
        self._finalize_asked = asyncio.Event()

    @property
    def held_bytes(self) -> int:
        """Audio that waits to be transcribed."""
        return self._utterance.held_bytes

    def add(self, pcm: bytes) -> None:
        """Take 16-bit mono PCM."""
        self._utterance.add(pcm)
        self._news.set()

    def finalize(self) -> None:
        """Ask for the final of everything that came before this call."""
        self._finalizes.append(self._utterance.end)
        self._finalize_asked.set()
        self._news.set()

    async def work(self) -> None:
        """Transcribe until cancelled."""
        while True:
            if self._finalizes:
                await self._final(self._finalizes.popleft())
                if not self._finalizes:
                    self._finalize_asked.clear()
                continue
            match self._utterance.due():
                case Due.LISTEN:
                    await self._listen()
                case Due.READ:
                    await self._interim()
                case Due.COMMIT:
                    await self._commit(Urgency.INTERIM)
                case Due.NOTHING:
                    self._news.clear()
                    if not self._finalizes:
                        await self._news.wait()

    async def _final(self, position: int) -> None:
        text = ""
        try:
            with self._speech.metrics.timed("stt"):
                utterance = self._utterance
                while utterance.seconds(position - utterance.first) > LONGEST_FINAL_S:
                    await self._commit(Urgency.FINAL)
                audio = utterance.audio(utterance.first, position)
                tail = utterance.audio(utterance.heard_to, position) if utterance.complete else None
                self._speech.metrics.audio_in.inc(utterance.seconds(len(audio)))
                read = partial(self._read_final, audio, tail, utterance.read_text, utterance.rate_hz)
                text = utterance.joined(await self._speech.lanes.run("whisper", Urgency.FINAL, read))
        except Exception as error:
            # The promise is one final for each finalize; an empty one lets the conversation go on.
            log.error("stt.final_failed", exc_info=error)
        self._utterance.restart(position)
        await self._send({"type": "final", "text": text})

    def _read_final(self, audio: np.ndarray, tail: np.ndarray | None, known: str, rate_hz: int) -> str:
        """Runs in the lane. When nothing was said since the last reading, that reading is the final."""
        if tail is not None and not find_speech(to_16k(tail, rate_hz), pad_s=0):
            return known
        return self._speech.whisper.text(to_16k(audio, rate_hz))

    async def _listen(self) -> None:
        utterance = self._utterance
        start, end = utterance.window()
        audio = utterance.audio(start, end)
        stretches = await self._unless_finalized(
            lambda: find_speech(to_16k(audio, utterance.rate_hz), pause_s=0.1, pad_s=0)
        )
        if stretches is not None:
            scale = utterance.rate_hz / RATE_HZ
            utterance.heard(end, [(start + int(s.start * scale), start + int(s.end * scale)) for s in stretches])

    async def _interim(self) -> None:
        utterance, metrics = self._utterance, self._speech.metrics
        speech_end, end = utterance.speech_end, utterance.heard_to
        audio = utterance.audio(utterance.first, end)
        asked = time.monotonic()

        def read_unless_late() -> str | None:
            if time.monotonic() - asked > LATEST_INTERIM_S:
                return None
            return self._speech.whisper.text(to_16k(audio, utterance.rate_hz))

        with metrics.timed("stt_interim"):
            text = await self._unless_finalized(read_unless_late)
        if self._finalizes and text is None:
            return
        if text is None:
            # The server is behind: the next step of speech tries again with all that was said until then.
            metrics.interims_skipped.inc()
            utterance.skip()
        elif (interim := utterance.read(speech_end, end, text)) and not self._finalizes:
            await self._send({"type": "interim", "text": interim})

    async def _commit(self, urgency: Urgency) -> None:
        utterance = self._utterance
        start, end = utterance.part()
        audio = utterance.audio(start, end)

        def read_older_part() -> tuple[int, str]:
            samples = to_16k(audio, utterance.rate_hz)
            stretches = find_speech(samples, pause_s=COMMIT_PAUSE_S)
            older = stretches[:-1] if len(stretches) > 1 else stretches
            cut = older[-1].end if len(stretches) > 1 else len(samples)
            return cut, " ".join(part.text for part in self._speech.whisper.segments(samples, None, older))

        cut, text = await self._speech.lanes.run("whisper", urgency, read_older_part)
        utterance.commit(start + int(cut * utterance.rate_hz / RATE_HZ), text)

    async def _unless_finalized(self, work: Callable[[], T]) -> T | None:
        """The result of `work`, or None when a finalize came before it began: then the final goes first."""
        job = self._speech.lanes.submit("whisper", Urgency.INTERIM, work)
        result = asyncio.wrap_future(job)
        asked = asyncio.ensure_future(self._finalize_asked.wait())
        try:
            await asyncio.wait({result, asked}, return_when=asyncio.FIRST_COMPLETED)
            if not result.done() and job.cancel():
                return None
            return await result
        finally:
            asked.cancel()
            job.cancel()
