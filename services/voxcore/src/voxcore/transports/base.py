"""What the socket transports share: reading the far end, real-time output, hang-up timing. A protocol adds its frames.

A protocol is a Pipecat serializer (frames to text and back) and a handshake; everything else stands here once.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NoReturn, Protocol

import numpy as np
from pipecat.frames.frames import (
    InputAudioRawFrame,
    InputDTMFFrame,
    InterruptionFrame,
    OutputAudioRawFrame,
    SystemFrame,
)
from pipecat.processors.frame_processor import FrameProcessor
from pipecat.serializers.base_serializer import FrameSerializer
from pipecat.transports.base_transport import TransportParams
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState
from voxkit.log import get_logger

from voxcore.conversation import HandshakeFailed, TransferOutcome
from voxcore.record import CallRecord
from voxcore.transports.ends import Pace, WireInput, WireOutput

log = get_logger("voxcore.transport")

GONE = (RuntimeError, OSError, WebSocketDisconnect)
"""What sending raises when the far end left before we heard of it."""

MAX_FRAME_BYTES = 64 * 1024
UNREADABLE_LIMIT = 10
INPUT_BATCH_S = 0.04
QUICK_BATCH_S = 0.02
EARLY_AUDIO_S = 3.0
LATE_AUDIO_S = 2.0
LAST_AUDIO_PAUSE_S = 0.25
HANG_UP_WAIT_S = 3.0
TRANSFER_WAIT_S = 15.0
SOUND_PEAK = 600
CLOSE_NORMAL, CLOSE_POLICY, CLOSE_INTERNAL = 1000, 1008, 1011


class Unreadable(Exception):
    """A frame that is not of the protocol (not JSON, no object, a payload that is no audio)."""


@dataclass
class FarEndLeft(SystemFrame):
    """The far end hung up by a frame of its own. `by` is what it said of the cause."""

    by: str = ""


@dataclass
class TransferFailed(SystemFrame):
    """The far end could not hand the call over."""

    reason: str = ""


@dataclass
class Reply(SystemFrame):
    """A frame of the far end that asks for an answer at once (`ping`)."""

    text: str = ""


@dataclass
class MediaListener:
    """What the conversation hears from a transport. Every callback returns at once or is awaited in order."""

    gone: Callable[[str, bool], Awaitable[None]]
    """(what the far end said, whether the socket was lost without a word)"""
    digit: Callable[[str], Awaitable[None]]


class Recorder(Protocol):
    """The recorder at the wire; samples are 16-bit mono at the rate of the pipeline."""

    def inbound(self, pcm: bytes) -> None: ...
    def outbound(self, pcm: bytes) -> None: ...
    def flush(self) -> None: ...


@dataclass
class _Far:
    """What is known of the far end."""

    answered: asyncio.Event = field(default_factory=asyncio.Event)
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    said: str = ""
    lost: bool = False


class SocketMedia:
    """A call over a WebSocket. Subclasses give the serializer, read the handshake and know how a call is ended."""

    kind = "ws"
    transfer_methods: frozenset[str] = frozenset()
    chunk_ms = 20
    answers_by_frame = False
    """Whether the line is answered by a frame of its own; otherwise it is answered when the handshake is over."""

    def __init__(self, socket: WebSocket) -> None:
        self.socket = socket
        self.rate = 8000
        self.serializer: FrameSerializer | None = None
        self.pace = Pace()
        self.recorder: Recorder | None = None
        self.on_flush: Callable[[], None] | None = None
        self.sent_s = 0.0
        """Length of the bot's audio that has been sent, seconds."""
        self.heard_at = 0.0
        """When the last audio came, on the monotonic clock."""
        self.quick_input = False
        """Somebody waits for the next thing that VAD has to say: audio is passed on in shorter batches."""
        self.transferring = False
        self.unknown_frames = 0
        self._far = _Far()
        self._listener: MediaListener | None = None
        self._transfer_failed: asyncio.Future[str] | None = None
        self._input: WireInput | None = None
        self._early = bytearray()
        self._silent_s = 0.0
        self._batch = bytearray()
        self._unreadable = 0
        self._reader: asyncio.Task[None] | None = None
        self._speaking_until = 0.0
        self._send_lock = asyncio.Lock()
        self._ended = False

    # --- protocol hooks ---------------------------------------------------------------------------------------

    async def read_handshake(self, record: CallRecord) -> None:
        raise NotImplementedError

    async def hang_up_frames(self, cause: str) -> list[str]:
        """What is sent to end the call from our side; empty = closing the socket is the hang-up."""
        return []

    async def audio_texts(self, frame: OutputAudioRawFrame) -> list[str]:
        """The frames that carry one chunk of audio."""
        assert self.serializer
        return [str(await self.serializer.serialize(frame))]

    async def flush_frame(self) -> str | None:
        """What tells the far end to drop queued audio."""
        assert self.serializer
        text = await self.serializer.serialize(InterruptionFrame())
        return str(text) if text else None

    def reject_close_code(self, cause: str) -> int:
        return CLOSE_NORMAL

    # --- reading ----------------------------------------------------------------------------------------------

    async def receive_text(self, timeout_s: float) -> str:
        """The next text frame of the handshake. Raises: HandshakeFailed when none comes, or the far end left."""
        try:
            message = await asyncio.wait_for(self.socket.receive(), timeout_s)
        except TimeoutError:
            await self.fail_handshake("nothing came in time")
        if message["type"] == "websocket.disconnect":
            self._far.gone.set()
            raise HandshakeFailed("the far end left", CLOSE_NORMAL, gone=True)
        text = message.get("text")
        if text is None or len(text) > MAX_FRAME_BYTES:
            await self.fail_handshake("not a text frame of the protocol")
        return str(text)

    async def fail_handshake(self, reason: str, code: int = CLOSE_POLICY) -> NoReturn:
        """Close the socket and raise HandshakeFailed."""
        await self.close_socket(code, reason)
        raise HandshakeFailed(reason, code)

    def start_reading(self) -> None:
        """From now on frames of the far end are handled as they come."""
        if not self.answers_by_frame:
            self._far.answered.set()
        self._reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        try:
            while not self._far.gone.is_set():
                message = await self.socket.receive()
                if message["type"] == "websocket.disconnect":
                    break
                text = message.get("text")
                if text is None or len(text) > MAX_FRAME_BYTES:
                    await self._count_unreadable()
                    continue
                await self._take(text)
        except (RuntimeError, OSError) as error:
            log.info("transport.read_failed", error=str(error))
        await self._left(self._far.said, lost=not self._far.gone.is_set())

    async def _take(self, text: str) -> None:
        assert self.serializer
        try:
            frame = await self.serializer.deserialize(text)
        except Unreadable:
            await self._count_unreadable()
            return
        self._unreadable = 0
        if isinstance(frame, InputAudioRawFrame):
            await self._heard(frame.audio)
        elif isinstance(frame, InputDTMFFrame) and self._listener:
            await self._listener.digit(str(frame.button.value))
        elif isinstance(frame, FarEndLeft):
            self._far.said = frame.by
            await self._left(frame.by, lost=False)
        elif isinstance(frame, TransferFailed):
            if self._transfer_failed and not self._transfer_failed.done():
                self._transfer_failed.set_result(frame.reason)
        elif isinstance(frame, Reply):
            await self.send(frame.text)

    async def _count_unreadable(self) -> None:
        self._unreadable += 1
        if self._unreadable >= UNREADABLE_LIMIT:
            log.warning("transport.unreadable", frames=self._unreadable)
            await self.close_socket(CLOSE_POLICY, "unreadable frames")
            await self._left("", lost=True)

    @property
    def quiet_s(self) -> float:
        """How long the line has carried nothing louder than noise, seconds.

        Audio is counted, not the clock: after a hold-up of this process what was said meanwhile is still to be read.
        Some lines send nothing while nobody speaks, so a longer gap counts as well.
        """
        return self._silent_s + max(0.0, time.monotonic() - self.heard_at - LATE_AUDIO_S)

    async def _heard(self, pcm: bytes) -> None:
        self._far.answered.set()
        self.heard_at = time.monotonic()
        if self.recorder:
            self.recorder.inbound(pcm)
        if self._input is None:
            self._early += pcm
            del self._early[: max(0, len(self._early) - int(EARLY_AUDIO_S * self.rate) * 2)]
            return
        self._batch += pcm
        # Each batch wakes the whole pipeline, so they are long while nothing depends on them.
        size = int((QUICK_BATCH_S if self.quick_input else INPUT_BATCH_S) * self.rate) * 2
        while len(self._batch) >= size:
            chunk = bytes(self._batch[:size])
            del self._batch[:size]
            self._silent_s = 0.0 if _is_sound(chunk) else self._silent_s + len(chunk) / 2 / self.rate
            await self._input.feed(chunk, self.rate)

    async def _left(self, said: str, *, lost: bool) -> None:
        if self._far.gone.is_set():
            return
        self._far.said, self._far.lost = said, lost
        self._far.gone.set()
        if self._listener and not self._ended:
            await self._listener.gone(said, lost)

    # --- the pipeline's ends ----------------------------------------------------------------------------------

    def ends(self) -> tuple[FrameProcessor, FrameProcessor]:
        """New (input, output) processors of a pipeline at `rate`; audio enters after `listen`."""
        params = TransportParams(
            audio_out_enabled=True,
            audio_out_sample_rate=self.rate,
            audio_out_10ms_chunks=self.chunk_ms // 10,
            audio_out_end_silence_secs=0,
        )
        return WireInput(name="WireInput"), WireOutput(self, params)

    async def listen(self, entry: FrameProcessor, listener: MediaListener) -> None:
        """Send what is heard into the pipeline and report what happens; audio since the answer comes first."""
        assert isinstance(entry, WireInput)
        self._listener = listener
        early, self._early = bytes(self._early), bytearray()
        self._input = entry
        if early:
            await entry.feed(early, self.rate)
        if self._far.gone.is_set():
            await listener.gone(self._far.said, self._far.lost)

    # --- sending ----------------------------------------------------------------------------------------------

    async def send(self, text: str) -> bool:
        """Send a text frame; False when the socket is gone."""
        if self._far.gone.is_set() or self.socket.application_state != WebSocketState.CONNECTED:
            return False
        try:
            async with self._send_lock:
                await self.socket.send_text(text)
        except GONE:
            return False
        return True

    async def send_audio(self, frame: OutputAudioRawFrame) -> None:
        """Send one chunk of the bot's voice and note it in the recording."""
        for text in await self.audio_texts(frame):
            if not await self.send(text):
                return
        duration_s = len(frame.audio) / 2 / self.rate
        self.pace.sent(time.monotonic(), duration_s)
        self.sent_s += duration_s
        self._speaking_until = self.pace.end
        if self.recorder:
            self.recorder.outbound(frame.audio)

    async def flush_output(self, *, speaking: bool = False) -> None:
        """Drop what the far end has not played yet. Silent when the bot is not `speaking` and said nothing of late."""
        now = time.monotonic()
        heard_all = now > self._speaking_until + LAST_AUDIO_PAUSE_S
        self.pace.flushed(now)
        if heard_all and not speaking:
            return
        self._speaking_until = 0.0
        if text := await self.flush_frame():
            await self.send(text)
        if self.recorder:
            self.recorder.flush()
        if self.on_flush:
            self.on_flush()

    # --- MediaTransport ---------------------------------------------------------------------------------------

    @property
    def far_end_left(self) -> bool:
        return self._far.gone.is_set()

    async def wait_answer(self, timeout_s: float = 60.0) -> bool:
        """True once the line is answered; False when the far end left, or (after `timeout_s`, close 1008) never did."""
        answered = asyncio.ensure_future(self._far.answered.wait())
        gone = asyncio.ensure_future(self._far.gone.wait())
        try:
            await asyncio.wait({answered, gone}, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            answered.cancel()
            gone.cancel()
        if self._far.answered.is_set() and not self._far.gone.is_set():
            return True
        if not self._far.gone.is_set():
            await self.close_socket(CLOSE_POLICY, "not answered in time")
        return False

    async def transfer(self, destination: str, reason: str) -> TransferOutcome:
        """Refused: this protocol cannot hand a call over."""
        return TransferOutcome(done=False, failed_reason="not_supported")

    async def wait_last_audio(self) -> None:
        """0.25 s after the last audio has been played; a flush or a close before that cuts the last word."""
        if self._speaking_until:
            await asyncio.sleep(max(0.0, self._speaking_until + LAST_AUDIO_PAUSE_S - time.monotonic()))

    async def hang_up(self, cause: str) -> None:
        if self._ended:
            return
        self._ended = True
        if not self._far.gone.is_set():
            await self.wait_last_audio()
            sent = [await self.send(text) for text in await self.hang_up_frames(cause)]
            # Nobody answers on a socket that is gone, and the seat is not free before this is over.
            if sent and all(sent):
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._far.gone.wait(), HANG_UP_WAIT_S)
        await self.close()

    async def reject(self, cause: str) -> None:
        if not self._ended:
            self._ended = True
            for text in await self.hang_up_frames(cause):
                await self.send(text)
            await self.close_socket(self.reject_close_code(cause))
        await self.close()

    async def close(self) -> None:
        self._ended = True
        await self.close_socket(CLOSE_NORMAL)
        if self._reader and self._reader is not asyncio.current_task():
            self._reader.cancel()
            with suppress(asyncio.CancelledError):
                await self._reader

    async def close_socket(self, code: int, reason: str | None = None) -> None:
        """Close with a code; nothing happens when it is closed already."""
        if self.socket.application_state != WebSocketState.CONNECTED:
            return
        with suppress(*GONE):
            await self.socket.close(code, reason)


def _is_sound(pcm: bytes) -> bool:
    """Whether a stretch of audio is louder than line noise; a beep counts, which a voice detector does not hear."""
    samples = np.frombuffer(pcm, dtype=np.int16)
    return bool(np.abs(samples).max(initial=0) > SOUND_PEAK)
