"""A keep-alive HTTP client that costs little: the bench shares its cores with what it measures."""

from __future__ import annotations

import asyncio
import json
from typing import Any


class Wire(asyncio.Protocol):
    """One connection, one request at a time."""

    def __init__(self, host: str, secret: str) -> None:
        self._head = f"Host: {host}\r\nX-VoxCore-Secret: {secret}\r\nContent-Type: application/json\r\n"
        self._transport: asyncio.Transport | None = None
        self._data = b""
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None

    @classmethod
    async def open(cls, port: int, secret: str) -> Wire:
        loop = asyncio.get_running_loop()
        _, protocol = await loop.create_connection(lambda: cls("bench", secret), "127.0.0.1", port)
        return protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._data += data
        head, found, rest = self._data.partition(b"\r\n\r\n")
        if not found:
            return
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
        if len(rest) < length:
            return
        self._data = rest[length:]
        if self._answer and not self._answer.done():
            self._answer.set_result((int(head[9:12]), rest[:length]))

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer and not self._answer.done():
            self._answer.set_exception(ConnectionError("the registry closed the connection"))

    async def ask(self, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
        """Status and body."""
        assert self._transport is not None
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(
            f"{method} {path} HTTP/1.1\r\n{self._head}Content-Length: {len(body)}\r\n\r\n".encode() + body
        )
        return await self._answer

    async def json(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Status and decoded body."""
        status, raw = await self.ask(method, path, json.dumps(body).encode() if body is not None else b"")
        return status, json.loads(raw)

    def close(self) -> None:
        if self._transport:
            self._transport.close()
