"""Speech-to-text over `POST {base_url}/audio/transcriptions`: whole segments, and growing ones while the bot speaks."""

import asyncio
import json
import secrets
from collections.abc import AsyncGenerator
from typing import Any

import aiohttp
from pipecat.frames.frames import (
    BotStartedSpeakingFrame,
    BotStoppedSpeakingFrame,
    CancelFrame,
    EndFrame,
    Frame,
    InputAudioRawFrame,
    InterimTranscriptionFrame,
    StartFrame,
    TranscriptionFrame,
    VADUserStartedSpeakingFrame,
    VADUserStoppedSpeakingFrame,
)
from pipecat.processors.frame_processor import FrameDirection
from pipecat.services.settings import STTSettings
from pipecat.services.stt_service import STTService
from pipecat.utils.time import time_now_iso8601
from voxkit.contracts.runtime_config import SttOption

from voxcore.pipeline.providers.base import Means, given, primary
from voxcore.pipeline.providers.http import ProviderError, Stalled, headers, post, refused, warm
from voxcore.pipeline.recorder import wav_header

PARTIAL_EVERY_S = 0.35
BEFORE_SPEECH_S = 1.0
SILENCE_S = 0.5
BACKOFF_S = (0.25, 0.5, 1.0)
ANSWER_S = (3.0, 2.0, 2.0)
SEGMENT_LIMIT_S = 60.0


class CompatibleSegmentStt(STTService):
    """Text is final when nobody speaks and no segment is in work; an empty one says so too."""

    def __init__(self, option: SttOption, means: Means) -> None:
        self._model = option.model or "whisper-1"
        super().__init__(
            sample_rate=means.rate,
            ttfs_p99_latency=3.0,
            settings=STTSettings(model=self._model, language=option.language),
        )
        self._option = option
        self._means = means
        self._base_url = option.base_url.rstrip("/")
        self._audio = bytearray()
        self._voiced_s = 0.0
        self._speaking = False
        self._bot_speaking = False
        self._segments: asyncio.Queue[bytes] = asyncio.Queue()
        self._worker: asyncio.Task[None] | None = None
        self._partial: asyncio.Task[None] | None = None
        self._in_work = False
        self._heard_at = 0.0
        means.speech.streaming = False

    def can_generate_metrics(self) -> bool:
        return True

    async def setup(self, setup: Any) -> None:
        await super().setup(setup)
        await warm(self._means.http, self._base_url, self._option.api_key)

    async def start(self, frame: StartFrame) -> None:
        await super().start(frame)
        self._worker = self.create_task(self._work(), "segments")

    async def stop(self, frame: EndFrame) -> None:
        await super().stop(frame)
        await self._end_tasks()

    async def cancel(self, frame: CancelFrame) -> None:
        await super().cancel(frame)
        await self._end_tasks()

    async def cleanup(self) -> None:
        await super().cleanup()
        await self._end_tasks()

    async def _end_tasks(self) -> None:
        for name in ("_worker", "_partial"):
            task = getattr(self, name)
            setattr(self, name, None)
            if task:
                await self.cancel_task(task)

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if isinstance(frame, BotStartedSpeakingFrame):
            self._bot_speaking = True
        elif isinstance(frame, BotStoppedSpeakingFrame):
            self._bot_speaking = False
        elif isinstance(frame, VADUserStartedSpeakingFrame):
            self._speaking, self._voiced_s = True, 0.0
        elif isinstance(frame, VADUserStoppedSpeakingFrame):
            await self._segment_over(frame.stop_secs)

    async def process_audio_frame(self, frame: InputAudioRawFrame, direction: FrameDirection) -> None:
        self._audio += frame.audio
        if not self._speaking:
            del self._audio[: max(0, len(self._audio) - self._bytes(BEFORE_SPEECH_S))]
            return
        del self._audio[: max(0, len(self._audio) - self._bytes(SEGMENT_LIMIT_S))]
        self._voiced_s += len(frame.audio) / 2 / self._means.rate
        idle = self._partial is None or self._partial.done()
        if self._bot_speaking and idle and self._voiced_s >= PARTIAL_EVERY_S:
            self._voiced_s = 0.0
            self._partial = self.create_task(self._say_partial(bytes(self._audio)), "partial")

    def _bytes(self, seconds: float) -> int:
        return int(seconds * self._means.rate) * 2

    async def run_stt(self, audio: bytes) -> AsyncGenerator[Frame | None, None]:
        yield None  # audio is gathered; segments are posted by a task of their own

    async def _segment_over(self, stop_secs: float) -> None:
        self._speaking = False
        self._heard_at = self._means.speech.heard_at()
        pcm = bytes(self._audio) + bytes(self._bytes(max(0.0, SILENCE_S - stop_secs)))
        self._audio.clear()
        self._record_stt_audio_usage(pcm)
        await self.emit_stt_usage_metrics()
        await self._segments.put(pcm)

    async def _work(self) -> None:
        while True:
            pcm = await self._segments.get()
            self._in_work = True
            self._means.bytes_leave(self._heard_at)
            text = await self._transcribe_with_retries(pcm)
            self._in_work = False
            if text is None:
                continue
            frame = TranscriptionFrame(text=text, user_id="", timestamp=time_now_iso8601())
            frame.finalized = not self._speaking and self._segments.empty()
            if text or frame.finalized:
                await self.push_frame(frame)

    async def _transcribe_with_retries(self, pcm: bytes) -> str | None:
        """The text; None when three tries failed. Each failure is reported, what follows is not decided here."""
        for wait_s, answer_s in zip(BACKOFF_S, ANSWER_S, strict=True):
            try:
                return await self.transcribe(pcm, answer_s)
            except (ProviderError, aiohttp.ClientError, TimeoutError, OSError) as error:
                await self.push_error(f"transcription failed: {error or type(error).__name__}", exception=error)
                if isinstance(error, ProviderError) and error.status in (401, 403):
                    return None
                await asyncio.sleep(wait_s)
        return None

    async def _say_partial(self, pcm: bytes) -> None:
        try:
            text = await self.transcribe(pcm, ANSWER_S[0])
        except (ProviderError, aiohttp.ClientError, TimeoutError, OSError):
            return  # the segment itself is posted when it is over; its failure counts
        if text and self._speaking:
            await self.push_frame(InterimTranscriptionFrame(text=text, user_id="", timestamp=time_now_iso8601()))

    async def transcribe(self, pcm: bytes, answer_s: float) -> str:
        """The text of 16-bit mono PCM. Raises: ProviderError, Stalled, aiohttp.ClientError."""
        fields = given(model=self._model, response_format="json", language=primary(self._option.language))
        body, content_type = multipart(fields, wav_header(self._means.rate, len(pcm), 1) + pcm)
        try:
            async with asyncio.timeout(answer_s):
                response = await post(
                    self._means.http,
                    f"{self._base_url}/audio/transcriptions",
                    data=body,
                    headers={"Content-Type": content_type, **headers(self._option.api_key)},
                )
                async with response:
                    if response.status >= 300:
                        raise await refused(response)
                    body = await response.json(content_type=None)
        except TimeoutError:
            raise Stalled(f"no answer in {answer_s:g} s") from None
        except json.JSONDecodeError:
            raise ProviderError("the answer is no JSON") from None
        text = body.get("text") if isinstance(body, dict) else None
        if not isinstance(text, str):
            raise ProviderError("the answer holds no text")
        return text.strip()


def multipart(fields: dict[str, str], wav: bytes) -> tuple[bytes, str]:
    """(body, content type) of a form with one file: plain bytes, so that a request can be sent again."""
    boundary = secrets.token_hex(16)
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="audio.wav"\r\n'
        "Content-Type: audio/wav\r\n\r\n"
    )
    parts += [head.encode(), wav, f"\r\n--{boundary}--\r\n".encode()]
    return b"".join(parts), f"multipart/form-data; boundary={boundary}"
