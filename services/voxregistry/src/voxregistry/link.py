"""One connection to the store for calls that answer with one string: pipelined, in order, and little else.

A general client spends more on such a call than the store does; `redis` still does everything that is not a step.
"""

import asyncio
import ssl
import time
from collections import deque
from collections.abc import Sequence
from typing import Any, TypeAlias, cast

from redis.asyncio import SSLConnection
from redis.asyncio.sentinel import SentinelConnectionPool
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError

Command: TypeAlias = Sequence[str | bytes]


def encoded(command: Command) -> bytes:
    """The command as the store reads it."""
    parts = [b"*%d\r\n" % len(command)]
    for word in command:
        raw = word if isinstance(word, bytes) else word.encode()
        parts.append(b"$%d\r\n%b\r\n" % (len(raw), raw))
    return b"".join(parts)


class Link(asyncio.Protocol):
    """Answers come in the order of the commands. A connection that breaks fails everything that is out."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._data = b""
        self._out: deque[tuple[asyncio.Future[bytes], float]] = deque()

    @property
    def open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    @property
    def behind_s(self) -> float:
        """Age of the oldest command that has no answer yet, seconds; 0.0 when none is out."""
        return time.perf_counter() - self._out[0][1] if self._out else 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._fail(RedisConnectionError(str(exc or "the store closed the connection")))

    def send(self, commands: Sequence[tuple[Command, "asyncio.Future[bytes]"]]) -> None:
        """One write for all of them. An answer goes to its future; an error of the store as ResponseError."""
        if self._transport is None:
            raise RedisConnectionError("the connection to the store is closed")
        now = time.perf_counter()
        self._out.extend((answer, now) for _, answer in commands)
        self._transport.write(b"".join(encoded(command) for command, _ in commands))

    async def ask(self, *command: str | bytes) -> bytes:
        """One command. Raises: ResponseError, redis' ConnectionError."""
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self.send([(command, answer)])
        return await answer

    def close(self) -> None:
        """What is out fails at once."""
        if self._transport is not None:
            self._transport.abort()
        self._fail(RedisConnectionError("the connection to the store was given up"))

    def data_received(self, data: bytes) -> None:
        data = self._data + data if self._data else data
        at = 0
        while (end := data.find(b"\r\n", at)) >= 0:
            kind, rest = data[at : at + 1], data[at + 1 : end]
            answer: Any = rest
            after = end + 2
            if kind == b"$" and rest != b"-1":
                after += int(rest) + 2
                if len(data) < after:
                    break
                answer = data[end + 2 : after - 2]
            elif kind == b"-":
                answer = ResponseError(rest.decode("utf-8", "replace"))
            self._answered(answer)
            at = after
        self._data = data[at:]

    def _answered(self, answer: Any) -> None:
        waiter, _ = self._out.popleft()
        if waiter.done():
            return
        if isinstance(answer, Exception):
            waiter.set_exception(answer)
        else:
            waiter.set_result(answer)

    def _fail(self, error: Exception) -> None:
        while self._out:
            waiter, _ = self._out.popleft()
            if not waiter.done():
                waiter.set_exception(error)


async def dial(pool: Any) -> Link:
    """A link to where `pool`, a connection pool of `redis`, leads: same address, user, database, TLS.

    Raises: OSError, RedisError.
    """
    options: dict[str, Any] = pool.connection_kwargs
    host, port = options.get("host", "localhost"), options.get("port", 6379)
    if isinstance(pool, SentinelConnectionPool):
        host, port = await cast("Any", pool).get_master_address()
    loop = asyncio.get_running_loop()
    if "path" in options:
        _, link = await loop.create_unix_connection(Link, options["path"])
    else:
        secure = ssl.create_default_context() if issubclass(pool.connection_class, SSLConnection) else None
        _, link = await loop.create_connection(Link, host, port, ssl=secure)
    if options.get("password"):
        user = [options["username"]] if options.get("username") else []
        await link.ask("AUTH", *user, options["password"])
    await link.ask("SELECT", str(options.get("db") or 0))
    return link
