"""Calls of the atomic steps, in pipelines: what is asked within one turn of the event loop leaves together."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, NamedTuple, TypeAlias, cast
from urllib.parse import unquote, urlsplit

from pydantic_core import from_json, to_json
from redis.asyncio import Redis, Sentinel
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ReadOnlyError, RedisError, ResponseError
from voxkit.errors import ConfigurationError, StoreUnavailable
from voxkit.log import get_logger

from voxregistry.states import as_lua

log = get_logger("voxregistry.store")

VERSION = 4
"""Rises with every change of the library: a process loads a newer one over an older one and never the other way."""
STEP_S = 0.8
RETRY = {"Retry-After": "1"}
SCHEMES = ("redis", "rediss", "unix")
EXPECTED = "expected redis://host:6379/1 or redis+sentinel://s1,s2,s3/vox/1"


def library(*, test_clock: bool = False, version: int = VERSION) -> str:
    """The Lua library as it is loaded: constants, the tables of `states.py`, the steps."""
    head = f"#!lua name=vox1\nlocal VERSION, TEST_CLOCK = {version}, {str(test_clock).lower()}\n{as_lua()}\n"
    parts = sorted(files("voxregistry").joinpath("functions").iterdir(), key=lambda part: part.name)
    return head + "\n".join(part.read_text("utf-8") for part in parts)


def key_of(pool: str, name: str) -> str:
    """The key of a record or an index of a pool."""
    return f"vox1:{{{pool}}}:{name}"


def pool_of(key: bytes) -> str:
    """The pool that a key belongs to."""
    return key.decode().partition("{")[2].partition("}")[0]


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

    `user:password@` before the hosts is the login at the store. Raises: ConfigurationError, without a word of it.
    """
    # A step that got no answer is never repeated here: whoever asked repeats it, and knows that it does.
    options: dict[str, Any] = {"socket_connect_timeout": STEP_S, "protocol": 2, "retry": Retry(NoBackoff(), 0)}
    try:
        parts = urlsplit(url)
        if parts.scheme == "redis+sentinel":
            login, _, addresses = parts.netloc.rpartition("@")
            user, _, password = map(unquote, login.partition(":"))
            name, _, database = parts.path.strip("/").partition("/")
            hosts = [host.rpartition(":") if ":" in host else (host, ":", "26379") for host in addresses.split(",")]
            sentinel: Any = Sentinel([(host, int(port)) for host, _, port in hosts], sentinel_kwargs=options)
            return sentinel.master_for(
                name or "vox", db=int(database or 0), username=user or None, password=password or None, **options
            )
        if parts.scheme not in SCHEMES:
            raise ConfigurationError(f"REGISTRY_REDIS_URL: unknown scheme {parts.scheme!r}; {EXPECTED}")
        if parts.scheme != "unix":
            int(parts.path.strip("/") or 0)  # the client would take database 0 for one that is no number
        return cast("Any", Redis).from_url(url, **options)
    except ValueError:  # whose text may quote a part of the password
        why = "no address can be read from it (in a password write / # @ as %2F %23 %40)"
        raise ConfigurationError(f"REGISTRY_REDIS_URL: {why}; {EXPECTED}") from None


class _Call(NamedTuple):
    command: tuple[str | bytes, ...]
    answer: asyncio.Future[bytes]
    asked: float


class Store:
    """The store of one process. Every call is one atomic step; a failed one may have happened."""

    def __init__(self, redis: Redis, limits: Limits) -> None:
        self.redis = redis
        self.limits = limits
        self.watchers: list[Watcher] = []
        self._limits = to_json(limits)
        self._connection = cast("Any", redis.connection_pool).make_connection()
        self._queue: list[_Call] = []
        self._out: list[_Call] = []
        self._sending: asyncio.Task[None] | None = None

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
            raise StoreUnavailable(f"The registry's store is away: {error}", headers=RETRY) from None

    async def step(self, name: str, pool: str, args: bytes | Mapping[str, Any]) -> Reply:
        """Run one step. `args`: its arguments, as JSON without nulls or as a mapping, where None is one not given.

        Raises: StoreUnavailable: no answer within 0.8 s; the step may have happened.
        """
        if not isinstance(args, bytes):
            args = to_json({name: value for name, value in args.items() if value is not None})
        verb = "FCALL_RO" if name == "check" else "FCALL"
        command = (verb, f"vox1_{name}", "1", key_of(pool, "meta"), self._limits, args)
        started = time.perf_counter()
        try:
            try:
                raw = await self._send(*command)
            except ResponseError as error:
                if "Function not found" not in str(error):
                    raise
                await self.load()
                raw = await self._send(*command)
        except ResponseError as error:  # it is full, loading, without replicas; or a step has broken
            log.error("store.refused", step=name, pool=pool, error=str(error))
            if isinstance(error, ReadOnlyError):  # it was the primary once; the next call asks where that is now
                await self._connection.disconnect()
            why = "The registry's store refused the step; the log of voxregistry says why."
            raise StoreUnavailable(why, headers=RETRY) from None
        except RedisError as error:
            raise StoreUnavailable(f"The registry's store gave no answer: {error}", headers=RETRY) from None
        reply = Reply(**from_json(raw))
        seconds = time.perf_counter() - started
        for watch in self.watchers:
            watch(pool, name, reply, seconds)
        return reply

    @property
    def behind_s(self) -> float:
        """Age of the oldest call that has no answer yet, seconds."""
        unanswered = self._out or self._queue
        return time.perf_counter() - unanswered[0].asked if unanswered else 0.0

    async def close(self) -> None:
        """Close the connections; calls that are out fail."""
        if self._sending:
            self._sending.cancel()
            await asyncio.gather(self._sending, return_exceptions=True)
        await self._give_up(RedisConnectionError("the process stops"))
        await self.redis.aclose()

    async def _command(self, *command: Any) -> Any:
        async with asyncio.timeout(STEP_S * 2):
            return await cast("Any", self.redis).execute_command(*command)

    def _send(self, *command: str | bytes) -> asyncio.Future[bytes]:
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._queue.append(_Call(command, answer, time.perf_counter()))
        if self._sending is None:
            self._sending = asyncio.create_task(self._drain())
        return answer

    async def _drain(self) -> None:
        """One pipeline at a time: what is asked meanwhile leaves with the next one, and answers come in order."""
        try:
            while self._queue:
                self._out, self._queue = self._queue, []
                async with asyncio.timeout(STEP_S):
                    await self._connection.connect()
                    packed = self._connection.pack_commands([call.command for call in self._out])
                    await self._connection.send_packed_command(packed, check_health=False)
                    for call in self._out:
                        tell(call.answer, await self._read())
                self._out = []
        except (RedisError, OSError, TimeoutError) as error:
            await self._give_up(RedisConnectionError(f"{type(error).__name__} {error}"))
        self._sending = None

    async def _read(self) -> Any:
        try:
            return await self._connection.read_response()
        except ResponseError as error:  # that of one call; the others have their own answers
            return error

    async def _give_up(self, error: RedisConnectionError) -> None:
        """Whoever waits for the store is told now, together with those who came meanwhile."""
        waiting, self._out, self._queue = [*self._out, *self._queue], [], []
        for call in waiting:
            tell(call.answer, error)
        await self._connection.disconnect(nowait=True)


def tell(waiter: asyncio.Future[Any], answer: Any) -> None:
    """The answer, or the exception that takes its place, for whoever still waits."""
    if waiter.done():
        return
    if isinstance(answer, Exception):
        waiter.set_exception(answer)
        waiter.exception()  # seen: a loop complains of one that nobody came for
    else:
        waiter.set_result(answer)
