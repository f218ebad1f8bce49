"""A door before voxbridge that can be shut: to the browser a shut one is a server that went away."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any


class Gate:
    """A TCP relay on a port of its own. `shut` refuses new connections and cuts those that are open."""

    def __init__(self, target_port: int, port: int) -> None:
        self.port = port
        self._target_port = target_port
        self._loop = asyncio.new_event_loop()
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    def open(self) -> None:
        async def listen() -> None:
            self._server = await asyncio.start_server(self._relay, "127.0.0.1", self.port)

        self._run(listen())

    def shut(self) -> None:
        async def close() -> None:
            if self._server:
                self._server.close()
            for writer in list(self._open):
                writer.transport.abort()

        self._run(close())

    def end(self) -> None:
        self.shut()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, to_target = await asyncio.open_connection("127.0.0.1", self._target_port)
        both = {writer, to_target}
        self._open |= both
        try:
            await asyncio.gather(_pump(reader, to_target), _pump(there, writer))
        finally:
            self._open -= both
            for side in both:
                side.close()


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    try:
        while data := await source.read(65_536):
            sink.write(data)
            await sink.drain()
        sink.write_eof()
    except (ConnectionError, OSError):
        sink.transport.abort()
