"""Calls of the atomic steps. What is asked within one turn of the event loop leaves as one pipeline."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, TypeAlias, cast
from urllib.parse import urlsplit

from pydantic_core import from_json, to_json
from redis.asyncio import Redis, Sentinel
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError, ResponseError
from voxkit.errors import ConfigurationError, StoreUnavailable
from voxkit.log import get_logger

from voxregistry.link import Command, Link, dial
from voxregistry.states import as_lua

log = get_logger("voxregistry.store")

VERSION = 1
"""Rises with every change of the library: a process loads a newer one over an older one and never the other way."""
STEP_S = 0.8
SCHEMES = ("redis", "rediss", "unix")


def library(*, test_clock: bool = False, version: int = VERSION) -> str:
    """The Lua library as it is loaded: constants, the tables of `states.py`, the steps."""
    head = f"#!lua name=vox1\nlocal VERSION, TEST_CLOCK = {version}, {str(test_clock).lower()}\n{as_lua()}\n"
    parts = sorted(files("voxregistry").joinpath("functions").iterdir(), key=lambda part: part.name)
    return head + "\n".join(part.read_text("utf-8") for part in parts)


@dataclass(frozen=True)
class Limits:
    """What every call carries, so that no process needs another's settings. Milliseconds; `quota`: the default one."""

    ttl: int
    hold: int
    waiting: int
    rebuild: int
    quota: Mapping[str, Any]


@dataclass(frozen=True)
class Reply:
    """What a step did: its own answer, what workers must be told, what happened. Times are the store's."""

    out: dict[str, Any]
    notes: list[dict[str, Any]]
    events: list[tuple[str, dict[str, Any]]]

    @property
    def result(self) -> str:
        return self.out["result"]

    @property
    def now_ms(self) -> int:
        return self.out["now_ms"]

    @property
    def generation(self) -> str:
        return self.out["generation"]


Watcher: TypeAlias = Callable[[str, str, Reply, float], None]
"""Hears of every reply, in order: pool, step, reply, seconds."""


def connect(url: str) -> Redis:
    """A client for `redis://host/db`, or `redis+sentinel://host1,host2/name/db`, which follows the primary.

    Raises: ConfigurationError.
    """
    # A step that got no answer is never repeated here: whoever asked repeats it, and knows that it does.
    options: dict[str, Any] = {"socket_connect_timeout": STEP_S, "protocol": 2, "retry": Retry(NoBackoff(), 0)}
    parts = urlsplit(url)
    try:
        if parts.scheme == "redis+sentinel":
            name, _, database = parts.path.strip("/").partition("/")
            hosts = [host.rpartition(":") if ":" in host else (host, ":", "26379") for host in parts.netloc.split(",")]
            sentinel: Any = Sentinel([(host, int(port)) for host, _, port in hosts], sentinel_kwargs=options)
            return sentinel.master_for(name or "vox", db=int(database or 0), **options)
        if parts.scheme not in SCHEMES:
            raise ValueError(f"unknown scheme {parts.scheme!r}")
        return cast("Any", Redis).from_url(url, **options)
    except ValueError as error:
        raise ConfigurationError(f"REGISTRY_REDIS_URL: {error}; expected redis://host:6379/1") from None


class Store:
    """The store of one process. Every call is one atomic step; a failed one may have happened."""

    def __init__(self, redis: Redis, limits: Limits) -> None:
        self.redis = redis
        self.limits = limits
        self.watchers: list[Watcher] = []
        self._limits = to_json(limits)
        self._link = Link()
        self._queue: list[tuple[Command, asyncio.Future[bytes]]] = []
        self._dialling: asyncio.Task[None] | None = None
        self._watching = False

    async def load(self) -> None:
        """Load the library when it is missing or older. Raises: StoreUnavailable."""
        try:
            try:
                there = int(await self._command("FCALL_RO", "vox1_version", 0))
            except ResponseError:
                there = 0
            if there < VERSION:
                await self._command("FUNCTION", "LOAD", "REPLACE", library())
        except (RedisError, OSError, TimeoutError) as error:
            raise StoreUnavailable(f"The registry's store is away: {error}") from None

    async def step(self, name: str, pool: str, args: bytes | Mapping[str, Any]) -> Reply:
        """Run one step. `args`: its arguments, as JSON or as a mapping without null values.

        Raises: StoreUnavailable: no answer within 0.8 s; the step may have happened.
        """
        payload = args if isinstance(args, bytes) else to_json(args)
        verb = "FCALL_RO" if name == "check" else "FCALL"
        command = (verb, f"vox1_{name}", "1", f"vox1:{{{pool}}}:meta", self._limits, payload)
        started = time.perf_counter()
        try:
            try:
                raw = await self._send(command)
            except ResponseError as error:
                if "Function not found" not in str(error):
                    raise
                await self.load()
                raw = await self._send(command)
        except ResponseError as error:  # it is full, loading, without replicas; or a step has broken
            log.error("store.refused", step=name, pool=pool, error=str(error))
            if str(error).startswith("READONLY"):
                self._link.close()  # it was the primary once; the next call asks where that is now
            raise StoreUnavailable("The registry's store refused the step; the log of voxregistry says why.") from None
        except RedisError as error:
            raise StoreUnavailable(f"The registry's store gave no answer: {error}") from None
        reply = Reply(**from_json(raw))
        seconds = time.perf_counter() - started
        for watch in self.watchers:
            watch(pool, name, reply, seconds)
        return reply

    @property
    def behind_s(self) -> float:
        """Age of the oldest call that has no answer yet, seconds."""
        return self._link.behind_s

    async def close(self) -> None:
        """Close the connections; calls that are out fail."""
        if self._dialling:
            self._dialling.cancel()
            await asyncio.gather(self._dialling, return_exceptions=True)
        self._fail(RedisConnectionError("the process stops"))
        self._link.close()
        await self.redis.aclose()

    async def _command(self, *command: Any) -> Any:
        async with asyncio.timeout(STEP_S * 2):
            return await cast("Any", self.redis).execute_command(*command)

    def _send(self, command: Command) -> asyncio.Future[bytes]:
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[bytes] = loop.create_future()
        if not self._queue:
            loop.call_soon(self._flush)
        self._queue.append((command, answer))
        return answer

    def _flush(self) -> None:
        if self._dialling:
            return
        if not self._link.open:
            self._dialling = asyncio.create_task(self._dial())
            return
        batch, self._queue = self._queue, []
        self._link.send(batch)
        if not self._watching:
            self._watching = True
            asyncio.get_running_loop().call_later(STEP_S, self._watch)

    def _watch(self) -> None:
        """A store that does not answer in time is given up: whatever it was asked fails now, together."""
        behind_s = self._link.behind_s
        self._watching = 0 < behind_s < STEP_S
        if behind_s >= STEP_S:
            self._link.close()
        elif self._watching:
            asyncio.get_running_loop().call_later(STEP_S - behind_s, self._watch)

    async def _dial(self) -> None:
        try:
            async with asyncio.timeout(STEP_S):
                self._link = await dial(self.redis.connection_pool)
        except (RedisError, OSError, TimeoutError) as error:
            self._fail(RedisConnectionError(f"{type(error).__name__} {error}"))
        finally:
            self._dialling = None
        if self._queue:
            self._flush()

    def _fail(self, error: RedisConnectionError) -> None:
        for _, waiter in self._queue:
            if not waiter.done():
                waiter.set_exception(error)
        self._queue = []
