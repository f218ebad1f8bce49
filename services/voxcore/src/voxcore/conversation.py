"""The seam between the process around a call and the conversation inside it.

The process takes the slot, reads the handshake, fetches the configuration and keeps the result; `converse` holds the
conversation; `wrap_up` makes the result's payload. Each side knows the other by this module alone.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from voxkit.contracts.results import WorkerRef
from voxkit.contracts.runtime_config import RuntimeConfig

from voxcore.record import CallRecord

if TYPE_CHECKING:
    import aiohttp
    import httpx
    from starlette.websockets import WebSocket
    from voxkit.netguard import Allowlist

    from voxcore.settings import VoxcoreSettings
    from voxcore.spool import Spool


class HandshakeFailed(Exception):
    """The far end never began a call: wrong frames, wrong format, nothing in time, or gone.

    `close_code` is the WebSocket code the transport has closed (or will close) with; `gone` says that the far end left
    by itself, which is no protocol error.
    """

    def __init__(self, reason: str, close_code: int = 1008, *, gone: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.close_code = close_code
        self.gone = gone


@dataclass(frozen=True)
class TransferOutcome:
    """What came of handing the call over; `failed_reason` is set when it was not done (`no_ack`, `busy`, …)."""

    done: bool
    failed_reason: str | None = None


@dataclass(frozen=True)
class RecordingFacts:
    """A closed recording in the spool. `url` is the object's address in the store, null without a store."""

    key: str
    path: Path
    url: str | None = None


class CallStop:
    """The process's wish that the call end now (SIGINT, drain timeout). The conversation watches it.

    `cause` is the `disconnected_by` to write, `event` the event type to add (`worker_stopped`).
    """

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self.cause = "error"
        self.event: str | None = None

    def request(self, cause: str = "error", event: str | None = "worker_stopped") -> None:
        """Ask for the end; the first request counts."""
        if not self._event.is_set():
            self.cause, self.event = cause, event
            self._event.set()

    @property
    def requested(self) -> bool:
        return self._event.is_set()

    async def wait(self) -> None:
        """Return once an end was asked for."""
        await self._event.wait()


class MediaTransport(Protocol):
    """One connection to a far end: metadata, answer, hang-up, transfer. Nothing of the conversation."""

    kind: str
    """Value of `transport`: `ws`, `exotel`, `livekit_inbound`, …"""
    rate: int
    """Sample rate of the pipeline, Hz; settled once the handshake is read."""
    transfer_methods: frozenset[str]
    """Values of `transfer_targets[].method` that work here; empty = `transfer_call` is not offered."""

    async def read_handshake(self, record: CallRecord) -> None:
        """Read what the far end says of itself into `record` (ids, numbers, direction, `connected_event`).

        Returns as soon as the configuration may be fetched. Raises: HandshakeFailed.
        """
        ...

    async def wait_answer(self) -> bool:
        """Wait until the line is answered; False when the far end left or did not answer in time."""
        ...

    async def transfer(self, destination: str, reason: str) -> TransferOutcome:
        """Hand the call to `destination` and wait for what comes of it."""
        ...

    async def hang_up(self, cause: str) -> None:
        """End the call from our side by the rules of the protocol. Safe to repeat."""
        ...

    async def reject(self, cause: str) -> None:
        """End a call that never gets a conversation (`outside_hours`, `error`), then close. Safe to repeat."""
        ...

    async def close(self) -> None:
        """Let go of the connection, whatever its state. Never raises, safe to repeat."""
        ...


@dataclass
class Services:
    """What all calls of the process share; it holds no call content."""

    settings: "VoxcoreSettings"
    http: "aiohttp.ClientSession"
    """For providers and tools of the pipeline; no default headers."""
    voxbridge: "httpx.AsyncClient"
    """Sends our secret; only for voxbridge."""
    allowlist: "Allowlist"
    spool: "Spool"
    worker: WorkerRef
    shared: dict[str, Any] = field(default_factory=dict)
    """Clients made once a process, by name (for example an LLM client per provider). Anything here that has an
    `aclose` or `close` coroutine is closed at exit."""


@dataclass
class LiveCall:
    """One call from an accepted configuration to its result."""

    record: CallRecord
    config: RuntimeConfig
    services: Services
    media: MediaTransport
    stop: CallStop = field(default_factory=CallStop)
    base_url: str = ""
    """voxbridge's address without `/config` (`https://api.example.com/api/v1`)."""
    recording: RecordingFacts | None = None
    """Set by the conversation once its recording is closed in the spool."""
    enter: Callable[[str], None] = field(default=lambda state: None)
    """Report a change of the call's state: `waiting_answer`, `opening`, `conversing`, `tool_running`, `transferring`,
    `handed_off`, `ending`. One log line and one metric each; an illegal change is logged and ignored."""


Converse = Callable[[LiveCall], Awaitable[None]]
"""Holds the conversation; returns when it is over, the transport closed and the recording closed."""
WrapUp = Callable[[LiveCall, RecordingFacts | None], Awaitable[dict[str, Any]]]
"""Makes the result's payload (without `result_id`, which the outbox adds), within its own budget of 90 s."""
SocketMedia = Callable[[str, "WebSocket", Services], MediaTransport]
"""Makes the transport of an accepted socket: (kind `ws` or `exotel`, socket, services)."""


@dataclass
class RoomStart:
    """A POST start that took the slot: which route, the validated body as plain data, the record to fill."""

    kind: str
    body: dict[str, Any]
    record: CallRecord


RoomMedia = Callable[[RoomStart, Services], Awaitable[MediaTransport]]
"""Joins the media of a POST start."""


@dataclass(frozen=True)
class Parts:
    """What the process calls to hold a call. `room_media` None: no LiveKit transport is built in."""

    converse: Converse
    wrap_up: WrapUp
    socket_media: SocketMedia
    preload: Callable[[list[str]], None]
    room_media: RoomMedia | None = None


def product_parts() -> Parts:
    """The parts of the product. Imports the pipeline, which takes seconds."""
    from voxcore.pipeline.factory import converse
    from voxcore.pipeline.warm import preload
    from voxcore.postcall.wrap import wrap_up
    from voxcore.transports import socket_media

    return Parts(converse=converse, wrap_up=wrap_up, socket_media=socket_media, preload=preload)


def lazy_product_parts() -> Parts:
    """The product's parts, imported by the first use: `preload` comes first, and may run beside the server."""
    loaded: list[Parts] = []

    def parts() -> Parts:
        if not loaded:
            loaded.append(product_parts())
        return loaded[0]

    async def converse(call: LiveCall) -> None:
        await parts().converse(call)

    async def wrap_up(call: LiveCall, recording: RecordingFacts | None) -> dict[str, Any]:
        return await parts().wrap_up(call, recording)

    return Parts(
        converse=converse,
        wrap_up=wrap_up,
        socket_media=lambda kind, socket, services: parts().socket_media(kind, socket, services),
        preload=lambda names: parts().preload(names),
    )
