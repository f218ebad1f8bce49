"""The native protocol, `/ws/{bot_id}`: JSON text frames, 16-bit PCM at 8 kHz in base64."""

import asyncio
import base64
import binascii
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from pipecat.audio.dtmf.types import KeypadEntry
from pipecat.frames.frames import AudioRawFrame, Frame, InputAudioRawFrame, InputDTMFFrame, InterruptionFrame
from pipecat.serializers.base_serializer import FrameSerializer
from starlette.websockets import WebSocket
from voxkit.log import get_logger

from voxcore.conversation import HandshakeFailed, TransferOutcome
from voxcore.record import CallRecord
from voxcore.transports.base import (
    CLOSE_INTERNAL,
    CLOSE_NORMAL,
    TRANSFER_WAIT_S,
    FarEndLeft,
    Reply,
    SocketMedia,
    TransferFailed,
    Unreadable,
)

log = get_logger("voxcore.transport.ws")

RATE = 8000
CONNECTED_WAIT_S, START_WAIT_S, ANSWER_WAIT_S = 10.0, 10.0, 60.0
KEYS = frozenset("0123456789*#")
LINEAR = frozenset({"linear", "linear16", "pcm", "l16", "audio/l16", "lpcm"})


def compact(frame: dict[str, Any]) -> str:
    return json.dumps(frame, separators=(",", ":"), ensure_ascii=False)


def read_object(text: str | bytes) -> dict[str, Any]:
    """A frame as an object. Raises: Unreadable."""
    try:
        frame = json.loads(text)
    except ValueError:
        raise Unreadable("not JSON") from None
    if not isinstance(frame, dict):
        raise Unreadable("not an object")
    return frame


def read_pcm(payload: Any) -> bytes:
    """Base64 audio as whole 16-bit samples. Raises: Unreadable."""
    try:
        pcm = base64.b64decode(payload, validate=True)
    except (binascii.Error, TypeError, ValueError):
        raise Unreadable("payload is no base64") from None
    if len(pcm) % 2:
        raise Unreadable("payload is no whole number of samples")
    return pcm


def key_of(digit: Any) -> KeypadEntry:
    """A keypad digit. Raises: Unreadable."""
    if str(digit) not in KEYS:
        raise Unreadable("no keypad digit")
    return KeypadEntry(str(digit))


class VoxFrameSerializer(FrameSerializer):
    """Frames of one call between Pipecat and the native protocol; chunks are numbered over the whole call."""

    def __init__(
        self, record: CallRecord, *, chunk_ms: int, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        super().__init__()
        self._record = record
        self._chunk_ms = chunk_ms
        self._now = now
        self._chunk = 0
        self.answered = False
        self.unknown = 0

    async def serialize(self, frame: Frame) -> str | bytes | None:
        if isinstance(frame, AudioRawFrame):
            self._chunk += 1
            return compact(
                {
                    "event": "reverse-media",
                    "chunk": self._chunk,
                    "did": self._record.from_number,
                    "payload": base64.b64encode(frame.audio).decode("ascii"),
                    "timestamp": self._now().strftime("%Y-%m-%d %H:%M:%S"),
                    "streamId": self._record.stream_id,
                    "callerId": self._record.caller_id,
                    "chunk_durn_ms": self._chunk_ms,
                    "callDirection": self._record.call_direction,
                    "encoding": "LINEAR",
                    "RevMediaQ": 0,
                    "source": "ai",
                }
            )
        if isinstance(frame, InterruptionFrame):
            return self.stop()
        return None

    def stop(self) -> str:
        return compact(
            {
                "event": "reverse-media-stop",
                "callerId": self._record.caller_id,
                "streamId": self._record.stream_id,
            }
        )

    def hang_up(self, reason: str) -> str:
        return compact(
            {
                "event": "reverse-hangup-call",
                "streamId": self._record.stream_id,
                "callerId": self._record.caller_id,
                "source": "ai",
                "message": "Call completed",
                "reason": reason,
            }
        )

    def transfer(self, destination: str, reason: str) -> str:
        return compact(
            {
                "event": "reverse-call-transfer",
                "streamId": self._record.stream_id,
                "callerId": self._record.caller_id,
                "transferTo": destination,
                "source": "ai",
                "reason": reason,
            }
        )

    async def deserialize(self, data: str | bytes) -> Frame | None:
        frame = read_object(data)
        match frame.get("event"):
            case "media":
                return InputAudioRawFrame(audio=read_pcm(frame.get("payload")), sample_rate=RATE, num_channels=1)
            case "hangup-call":
                return FarEndLeft(by=str(frame.get("disconnectedBy") or ""))
            case "dtmf":
                return InputDTMFFrame(key_of(frame.get("digit")))
            case "transfer-failed":
                return TransferFailed(reason=str(frame.get("reason") or "failed"))
            case "ping":
                return Reply(text=compact({"event": "pong"}))
            case "answer":
                self.answered = True
                return None
            case _:
                self.unknown += 1
                return None


class NativeMedia(SocketMedia):
    """A call over the native protocol."""

    kind = "ws"
    transfer_methods = frozenset({"websocket_reverse_transfer"})
    answers_by_frame = True

    def __init__(self, socket: WebSocket, *, chunk_ms: int = 20) -> None:
        super().__init__(socket)
        self.chunk_ms = chunk_ms
        self._wire: VoxFrameSerializer | None = None

    async def read_handshake(self, record: CallRecord) -> None:
        connected = await self._expect("connected", CONNECTED_WAIT_S)
        record.connected_event.update({key: value for key, value in connected.items() if key != "event"})
        record.connected_event.setdefault("transport", self.kind)
        record.call_direction = "outgoing" if connected.get("callDirection") == "outgoing" else "incoming"
        record.caller_id = str(connected.get("callerId") or "")
        record.from_number = str(connected.get("did") or "")
        start = await self._expect("start", START_WAIT_S)
        media = start.get("mediaFormat") or {}
        if not _format_fits(media):
            await self.fail_handshake("unsupported_media")
        record.stream_id = str(start.get("streamId") or connected.get("streamId") or record.call_id)
        record.connected_event["streamId"] = record.stream_id
        self._wire = self.serializer = VoxFrameSerializer(record, chunk_ms=self.chunk_ms)
        self.start_reading()

    async def _expect(self, event: str, wait_s: float) -> dict[str, Any]:
        """The next frame, which must be `event`; pings are answered and unknown events passed over meanwhile."""
        deadline = asyncio.get_running_loop().time() + wait_s
        unreadable = 0
        while True:
            text = await self.receive_text(max(0.0, deadline - asyncio.get_running_loop().time()))
            try:
                frame = read_object(text)
            except Unreadable:
                unreadable += 1
                if unreadable >= 10:
                    await self.fail_handshake("unreadable frames")
                continue
            name = frame.get("event")
            if name == event:
                return frame
            if name == "ping":
                await self.socket.send_text(compact({"event": "pong"}))
            elif name == "hangup-call":
                await self.close_socket(CLOSE_NORMAL)
                raise HandshakeFailed("the far end hung up", CLOSE_NORMAL, gone=True)
            elif name in ("connected", "start", "answer", "media"):
                await self.fail_handshake(f"{event} expected")

    async def _take(self, text: str) -> None:
        await super()._take(text)
        if self._wire and self._wire.answered:
            self._far.answered.set()

    async def wait_answer(self, timeout_s: float = ANSWER_WAIT_S) -> bool:
        return await super().wait_answer(timeout_s)

    async def hang_up_frames(self, cause: str) -> list[str]:
        if self._wire is None:
            return []
        # The stop frame empties the far end's buffer, so it comes only when everything has been played.
        return [self._wire.stop(), self._wire.hang_up(cause)]

    async def reject(self, cause: str) -> None:
        if not self._ended and self._wire:
            self._ended = True
            await self.send(self._wire.hang_up(cause))
            await self.close_socket(self.reject_close_code(cause))
        await super().reject(cause)

    def reject_close_code(self, cause: str) -> int:
        return CLOSE_INTERNAL if cause == "error" else CLOSE_NORMAL

    async def transfer(self, destination: str, reason: str) -> TransferOutcome:
        """Ask the far end to hand over; it hangs up within 15 s when it has, else it failed."""
        assert self._wire
        self._transfer_failed = asyncio.get_running_loop().create_future()
        self.transferring = True
        gone = asyncio.ensure_future(self._far.gone.wait())
        try:
            await self.wait_last_audio()
            await self.send(self._wire.transfer(destination, reason))
            await asyncio.wait(
                {gone, self._transfer_failed}, timeout=TRANSFER_WAIT_S, return_when=asyncio.FIRST_COMPLETED
            )
            if self._far.gone.is_set():
                return TransferOutcome(done=True)
            self.transferring = False
            failed = self._transfer_failed.result() if self._transfer_failed.done() else "no_ack"
            return TransferOutcome(done=False, failed_reason=failed)
        finally:
            gone.cancel()
            self._transfer_failed = None


def _format_fits(media: Any) -> bool:
    if not isinstance(media, dict):
        return False
    encoding = str(media.get("encoding", "LINEAR")).lower()
    return (
        encoding in LINEAR
        and media.get("sampleRate", RATE) in (RATE, str(RATE))
        and media.get("channels", 1) in (1, "1")
    )
