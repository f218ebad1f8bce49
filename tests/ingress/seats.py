"""Seats for balancer tests: whole voxcore workers (server, slot, fences, outbox), with a named stand-in for the talk.

A program: started with a worker's environment it runs one worker, with SEATS several forked ones, as `voxcore` does.
What it says over `voxcore` is `EchoTalk`: media of a call are echoed as they come, so that a caller sees every frame;
POST starts, which have no media here, last until SIGUSR1. Each call's begin and end is a line in `EVENTS`.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from contextlib import suppress
from typing import Any

from starlette.websockets import WebSocket
from voxcore.conversation import LiveCall, Parts, RecordingFacts, RoomStart, Services, TransferOutcome
from voxcore.main import main
from voxcore.payload import bare_payload, with_disposition
from voxcore.record import CallRecord


class EchoMedia:
    """A far end that hears itself (socket), or says nothing (room)."""

    transfer_methods: frozenset[str] = frozenset()

    def __init__(self, kind: str, socket: WebSocket | None) -> None:
        self.kind = kind
        self.rate = 8000
        self._socket = socket
        self.gone = asyncio.Event()

    async def read_handshake(self, record: CallRecord) -> None:
        """No first frames here: the balancer is what is tested."""

    async def wait_answer(self) -> bool:
        return True

    async def listen(self) -> None:
        """Echo until the far end leaves; a room until SIGUSR1."""
        if self._socket is None:
            asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, self.gone.set)
            await self.gone.wait()
            return
        with suppress(RuntimeError):
            while (message := await self._socket.receive())["type"] != "websocket.disconnect":
                if message.get("bytes") is not None:
                    await self._socket.send_bytes(message["bytes"])
        self.gone.set()

    async def transfer(self, destination: str, reason: str) -> TransferOutcome:
        raise AssertionError("nobody is transferred here")

    async def hang_up(self, cause: str) -> None:
        await self.close()

    async def reject(self, cause: str) -> None:
        await self.close()

    async def close(self) -> None:
        self.gone.set()
        if self._socket:
            with suppress(RuntimeError):
                await self._socket.close(1000)


class EchoTalk:
    """Holds a call until its far end leaves, and writes down when it began and ended."""

    def __init__(self) -> None:
        self._events = os.open(os.environ["EVENTS"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def _note(self, call: LiveCall, what: str) -> None:
        line = {"seat": call.services.worker.worker_id, "call": call.record.call_id, "what": what, "at": time.time()}
        os.write(self._events, (json.dumps(line) + "\n").encode())

    async def converse(self, call: LiveCall) -> None:
        assert isinstance(call.media, EchoMedia)
        self._note(call, "begin")
        call.enter("opening")
        call.record.answered()
        call.enter("conversing")
        left = asyncio.ensure_future(call.media.listen())
        stop = asyncio.ensure_future(call.stop.wait())
        try:
            await asyncio.wait({left, stop}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            left.cancel()
            stop.cancel()
            self._note(call, "end")
        if not call.stop.requested:
            call.record.end("customer")


async def wrap_up(call: LiveCall, recording: RecordingFacts | None) -> dict[str, Any]:
    """The record as it is."""
    return with_disposition(bare_payload(call.record, call.services.worker))


async def join(start: RoomStart, services: Services) -> EchoMedia:
    """Stands where LiveKit will."""
    return EchoMedia(start.kind, None)


def run() -> int:
    """The program; its exit code."""
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    talk = EchoTalk()
    return main(
        Parts(
            converse=talk.converse,
            wrap_up=wrap_up,
            socket_media=lambda kind, socket, services: EchoMedia(kind, socket),
            preload=lambda names: None,
            room_media=join,
        )
    )


if __name__ == "__main__":
    sys.exit(run())
