"""What every media protocol has: frames to send, a reader that turns frames into events, and a list of faults."""

import base64
import binascii
import json
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from voxkit.clock import utc_now

MAX_FRAME_BYTES = 64 * 1024
Direction = Literal["incoming", "outgoing"]


@dataclass(frozen=True, slots=True)
class Line:
    """Who calls whom, and the ids of the stream."""

    caller: str
    did: str
    stream_id: str
    direction: Direction = "incoming"
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Audio:
    pcm: bytes


@dataclass(frozen=True, slots=True)
class Flush:
    """Drop what is queued for playing."""


@dataclass(frozen=True, slots=True)
class BotHangUp:
    reason: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class TransferAsked:
    to: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Pong:
    """Answer to a ping frame."""


@dataclass(frozen=True, slots=True)
class Caption:
    role: str
    text: str
    final: bool


WireEvent = Audio | Flush | BotHangUp | TransferAsked | Pong | Caption


class Faults:
    """Breaches of the protocol by the other side: rule -> how often and the first example. Bounded."""

    LIMIT = 50

    def __init__(self) -> None:
        self.found: dict[str, tuple[int, str]] = {}

    def add(self, rule: str, example: str = "") -> None:
        if rule in self.found:
            count, first = self.found[rule]
            self.found[rule] = (count + 1, first)
        elif len(self.found) < self.LIMIT:
            self.found[rule] = (1, example[:200])


class Wire(ABC):
    """The carrier's side of one media socket. Builds and reads text frames; does no I/O."""

    closing_hangs_up = False  # whether a normal close by the worker is its way to hang up

    def __init__(self, line: Line, now: Callable[[], datetime] = utc_now) -> None:
        self.line = line
        self.faults = Faults()
        self.answered = False
        self.chunks = 0
        self._now = now
        self._hung_up = False

    @abstractmethod
    def opening(self) -> list[dict[str, Any]]:
        """Frames to send before the line is answered."""

    @abstractmethod
    def answer(self) -> list[dict[str, Any]]:
        """Frames that say "answered"."""

    @abstractmethod
    def media(self, frame: bytes) -> dict[str, Any]:
        """20 ms of the callee's voice."""

    @abstractmethod
    def dtmf(self, digit: str) -> dict[str, Any]: ...

    @abstractmethod
    def hang_up(self, by: str) -> dict[str, Any]:
        """The callee's line is gone; `by` is `customer`, or `bot` as the echo of a hang-up by the bot."""

    def transfer_failed(self, reason: str) -> dict[str, Any] | None:
        """None where the protocol knows no transfer."""
        del reason
        return None

    def ping(self) -> dict[str, Any] | None:
        """None where the protocol has no ping frame."""
        return None

    @abstractmethod
    def _event(self, message: dict[str, Any]) -> WireEvent | None:
        """The meaning of one well-formed frame."""

    def read(self, raw: str | bytes) -> WireEvent | None:
        """The meaning of a frame; None for one that is unreadable or unknown, which is noted as a fault."""
        if isinstance(raw, bytes):
            self.faults.add("frames are text, not binary", f"{len(raw)} bytes")
            return None
        if len(raw) > MAX_FRAME_BYTES:
            self.faults.add("frames are at most 64 KiB", f"{len(raw)} characters")
            return None
        try:
            message = json.loads(raw)
        except (ValueError, RecursionError):
            self.faults.add("frames are JSON", raw[:80])
            return None
        if not isinstance(message, dict) or not isinstance(message.get("event"), str):
            self.faults.add("frames are objects with an event", raw[:80])
            return None
        if self._hung_up:
            self.faults.add("nothing follows the hang-up", str(message["event"]))
        return self._event(message)

    def _audio(self, payload: Any) -> bytes | None:
        if not isinstance(payload, str):
            self.faults.add("payload is base64 text", type(payload).__name__)
            return None
        try:
            decoded = base64.b64decode(payload, validate=True)
        except (binascii.Error, ValueError):
            self.faults.add("payload is base64 text", payload[:40])
            return None
        if not decoded or len(decoded) % 2:
            self.faults.add("payload is a whole number of samples", f"{len(decoded)} bytes")
        if not self.answered:
            self.faults.add("no audio before the answer", "")
        self.chunks += 1
        return decoded[: len(decoded) // 2 * 2]

    def _expect(self, message: dict[str, Any], name: str, wanted: object) -> None:
        if message.get(name) != wanted:
            self.faults.add(f"{message['event']}.{name} is right", f"{message.get(name)!r} instead of {wanted!r}")


def encode(frame: bytes) -> str:
    """Base64 text of raw audio."""
    return base64.b64encode(frame).decode("ascii")
