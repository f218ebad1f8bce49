"""Speech-to-text over the streaming socket `{base_url}/audio/transcriptions/stream`; segments when it is refused."""

import asyncio
import json
from collections import deque
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

import aiohttp
from pipecat.frames.frames import (
    Frame,
    InputAudioRawFrame,
    InterimTranscriptionFrame,
    StartFrame,
    TranscriptionFrame,
    VADUserStartedSpeakingFrame,
)
from pipecat.processors.frame_processor import FrameDirection
from pipecat.utils.time import time_now_iso8601
from voxkit.contracts.runtime_config import SttOption

from voxcore.pipeline.providers.base import Means, given, primary
from voxcore.pipeline.providers.compat_stt import BACKOFF_S, CompatibleSegmentStt
from voxcore.pipeline.providers.http import ProviderError, headers

REPLAY_S = 3.0
CONNECT_S = 3.0
FINAL_S = 3.0


class CompatibleStreamStt(CompatibleSegmentStt):
    """Audio goes out as it comes, text comes back while somebody speaks; one final text for each `finalize`."""

    def __init__(self, option: SttOption, means: Means) -> None:
        super().__init__(option, means)
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._receiver: asyncio.Task[None] | None = None
        self._segments_only = False
        self._finals_due = 0
        self._recent: deque[bytes] = deque()
        self._recent_bytes = 0
        means.speech.streaming = True

    async def start(self, frame: StartFrame) -> None:
        await super().start(frame)
        await self._connect_or_segments()

    async def _end_tasks(self) -> None:
        receiver, self._receiver = self._receiver, None
        if receiver:
            await self.cancel_task(receiver)
        socket, self._socket = self._socket, None
        if socket:
            with suppress(Exception):
                await asyncio.wait_for(socket.close(), 1)
        await super()._end_tasks()

    # --- connection -------------------------------------------------------------------------------------------

    async def _connect_or_segments(self) -> None:
        """A refused upgrade means that this server has no socket: segments for the rest of the call."""
        try:
            await self._connect()
        except aiohttp.WSServerHandshakeError as error:
            if error.status in (401, 403):
                await self.push_error(f"socket refused: HTTP {error.status}", exception=ProviderError("", error.status))
            self._fall_back(f"upgrade refused: HTTP {error.status}")
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            self._receiver = self.create_task(self._connect_again(str(error) or type(error).__name__), "socket")
        else:
            self._receiver = self.create_task(self._receive(), "socket")

    async def _connect(self) -> None:
        scheme, rest = self._base_url.split("://", 1)
        query = urlencode(
            given(model=self._model, language=primary(self._option.language), sample_rate=self._means.rate)
        )
        async with asyncio.timeout(CONNECT_S):
            self._socket = await self._means.http.ws_connect(
                f"{'wss' if scheme == 'https' else 'ws'}://{rest}/audio/transcriptions/stream?{query}",
                headers=headers(self._option.api_key),
                heartbeat=20,
                max_msg_size=1 << 20,
            )
        self._finals_due = 0

    def _fall_back(self, why: str) -> None:
        self._segments_only = True
        self._means.speech.streaming = False
        self._means.note("stream_refused", why)

    async def _connect_again(self, why: str) -> None:
        for pause_s in BACKOFF_S:
            await self.push_error(f"socket lost: {why}", exception=ProviderError(why))
            await asyncio.sleep(pause_s)
            try:
                await self._connect()
            except aiohttp.WSServerHandshakeError as error:
                self._fall_back(f"upgrade refused: HTTP {error.status}")
                return
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                why = str(error) or type(error).__name__
                continue
            for pcm in self._recent:
                await self._send(pcm)
            if not self._speaking:
                await self._finalize()
            await self._receive()
            return

    # --- audio out, text in -----------------------------------------------------------------------------------

    async def process_audio_frame(self, frame: InputAudioRawFrame, direction: FrameDirection) -> None:
        if self._segments_only:
            await super().process_audio_frame(frame, direction)
            return
        self._record_stt_audio_usage(frame.audio)
        self._recent.append(frame.audio)
        self._recent_bytes += len(frame.audio)
        while self._recent_bytes > self._bytes(REPLAY_S):
            self._recent_bytes -= len(self._recent.popleft())
        self._means.bytes_leave(self._means.speech.heard_at())
        await self._send(frame.audio)

    async def _send(self, pcm: bytes) -> None:
        if self._socket and not self._socket.closed:
            with suppress(aiohttp.ClientError, ConnectionError):
                await self._socket.send_bytes(pcm)

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        if isinstance(frame, VADUserStartedSpeakingFrame):
            self._speaking = True
        await super().process_frame(frame, direction)

    async def _segment_over(self, stop_secs: float) -> None:
        if self._segments_only:
            await super()._segment_over(stop_secs)
            return
        self._speaking = False
        await self.emit_stt_usage_metrics()
        await self._finalize()

    async def _finalize(self) -> None:
        if self._socket and not self._socket.closed:
            with suppress(aiohttp.ClientError, ConnectionError):
                await self._socket.send_str('{"type":"finalize"}')
                self._finals_due += 1

    async def _receive(self) -> None:
        assert self._socket
        why = "closed by the server"
        async for message in self._socket:
            if message.type == aiohttp.WSMsgType.ERROR:
                why = str(message.data)
                break
            if message.type == aiohttp.WSMsgType.TEXT:
                await self._text(message.data)
        await self._connect_again(why)

    async def _text(self, data: str) -> None:
        try:
            message: Any = json.loads(data)
        except ValueError:
            return
        if not isinstance(message, dict):
            return
        text = str(message.get("text") or "").strip()
        if message.get("type") == "interim":
            if text:
                await self.push_frame(InterimTranscriptionFrame(text=text, user_id="", timestamp=time_now_iso8601()))
        elif message.get("type") == "final":
            self._finals_due = max(0, self._finals_due - 1)
            self._recent.clear()
            self._recent_bytes = 0
            frame = TranscriptionFrame(text=text, user_id="", timestamp=time_now_iso8601())
            frame.finalized = not self._speaking and self._finals_due == 0
            if text or frame.finalized:
                await self.push_frame(frame)
        elif message.get("type") == "error":
            await self.push_error(f"transcription failed: {message.get('message', '')}", exception=ProviderError(text))
