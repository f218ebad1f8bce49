"""What an API process does for its pools between requests: sweep, remember, restore, check, wake who waits.

Nothing here is needed for a grant to be right. Without the sweeper events come late; without the copies an
emptied store forgets quotas and drains.
"""

import asyncio
import json
import logging
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, cast

from redis.exceptions import RedisError
from voxkit.errors import StoreUnavailable
from voxkit.log import get_logger
from voxkit.tasks import Tasks

from voxregistry.metrics import Metrics
from voxregistry.notify import Notifier
from voxregistry.settings import PoolConfig
from voxregistry.store import Reply, Store, key_of, pool_of

log = get_logger("voxregistry")

SWEEP_S = 0.25
SETTLED_AT_ONCE = 64
CHECK_EVERY_S = 60.0
CHECKED_AT_ONCE = 500
CLOCK_JUMP_MS = 2_000
BLOCK_MS = 500
EVERYTHING = ""
REMEMBERED = ("quota.set", "drain.set", "drain.cleared")
REMEMBER_EVERY_S = 5.0
LOGGED = ("reservation.held", "reservation.moved", "reservation.expired", "drain.set", "drain.cleared", "drain.done",
          "quota.set", "generation", "worker.gone")  # fmt: skip


@dataclass
class _Pool:
    """`listeners`: by reservation id, and under EVERYTHING those who want to hear of all that happens.

    `findings`: how many things the last check found.
    """

    generation: str = ""
    restoring: int = 0
    quotas: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    drains: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    clock: tuple[float, int] | None = None
    remember_at: float = 0.0
    last_id: str = ""
    listeners: dict[str, set[asyncio.Event]] = field(default_factory=dict[str, set[asyncio.Event]])
    findings: int = 0

    def wake(self, *names: str) -> None:
        for name in names:
            for listener in self.listeners.get(name, ()):
                listener.set()


class Pools:
    """The pools that this process has heard of. `watch` belongs into the store's watchers."""

    def __init__(self, store: Store, metrics: Metrics, notifier: Notifier | None) -> None:
        self._store = store
        self._metrics = metrics
        self._notifier = notifier
        self._config: Mapping[str, PoolConfig] = {}
        self._config_ms = 0
        self._pools: dict[str, _Pool] = {}
        self._tasks = Tasks()
        self._talkative = logging.getLogger("voxregistry").isEnabledFor(logging.INFO)
        self._somebody = asyncio.Event()
        self.lag_s = 0.0
        """How late the loop runs, seconds."""

    def configure(self, config: Mapping[str, PoolConfig], written_ms: int) -> None:
        """What `REGISTRY_CONFIG` says; applied at once to running pools, and again after a wipe."""
        self._config, self._config_ms = config, written_ms
        for name in {*config, *self._pools}:
            self._tasks.start(self._restore(name, self.of(name)))

    async def run(self) -> None:
        """Sweep, check and read events until cancelled."""
        self.of("default")
        with suppress(RedisError, OSError):
            redis = cast("Any", self._store.redis)
            async for key in redis.scan_iter(match=key_of("*", "meta")):
                self.of(pool_of(key))
        await asyncio.gather(self._sweep(), self._check(), self._read_events())

    async def close(self) -> None:
        await self._tasks.close()

    def of(self, name: str) -> _Pool:
        """The pool, from now on swept by this process too."""
        return self._pools.setdefault(name, _Pool())

    @property
    def names(self) -> list[str]:
        return sorted(self._pools)

    # --- every reply --------------------------------------------------------------------------------------------------

    def watch(self, name: str, step: str, reply: Reply, seconds: float) -> None:
        """Hear of a step: notes to workers, log lines, a store that was emptied."""
        pool = self.of(name)
        self._metrics.seen(step, reply, seconds)
        if self._notifier:
            for note in reply.notes:
                self._notifier.send(name, note)
        for event, data in reply.events:
            if self._talkative and (event in LOGGED or (event == "worker.state" and data["to"] == "lost")):
                log.info(event, pool=name, **{key: value for key, value in data.items() if key != "now_ms"})
            if event in REMEMBERED:
                self._tasks.start(self._remember(name, pool))
        if reply.generation and reply.generation != pool.generation:
            pool.generation = reply.generation
            self._tasks.start(self._restore(name, pool))

    # --- quotas and drains outlive the store --------------------------------------------------------------------------

    async def _remember(self, name: str, pool: _Pool) -> None:
        known = pool.generation
        with suppress(StoreUnavailable):
            out = (await self._store.step("read", name, {"what": "quotas"})).out
            # A store that was emptied meanwhile, or is only half restored, must not empty the copy as well.
            if out["generation"] == known and not pool.restoring:
                pool.quotas, pool.drains = out["quotas"] or {}, out["drains"] or {}

    async def _restore(self, name: str, pool: _Pool) -> None:
        """First what the file says, then this process's copy; in each the newest wins."""
        config = self._config.get(name)
        pool.restoring += 1
        try:
            if config:
                fixed = {"placement": config.placement, "inbound_headroom": config.inbound_headroom}
                await self._store.step("configure", name, fixed)
                for client, quota in config.quotas.items():
                    doc = quota.model_dump(mode="json")
                    await self._store.step("quota", name, {"client": client, "doc": doc, "rev_ms": self._config_ms})
            for client, copy in pool.quotas.items():
                doc = None if copy.get("deleted") else copy
                await self._store.step("quota", name, {"client": client, "doc": doc, "rev_ms": copy["rev_ms"]})
            for selector, copy in pool.drains.items():
                step = "undrain" if copy.get("deleted") else "drain"
                await self._store.step(step, name, {"selector": selector, **copy})
        except StoreUnavailable:
            pool.generation = ""  # the next reply starts over
        finally:
            pool.restoring -= 1
        await self._remember(name, pool)

    # --- time ---------------------------------------------------------------------------------------------------------

    async def _sweep(self) -> None:
        while True:
            started = time.monotonic()
            for name in list(self._pools):
                with suppress(StoreUnavailable):
                    await self._sweep_one(name, self._pools[name])
            pause = max(0.0, SWEEP_S - (time.monotonic() - started))
            await asyncio.sleep(pause)
            self.lag_s = max(0.0, time.monotonic() - started - SWEEP_S)

    async def _sweep_one(self, name: str, pool: _Pool) -> None:
        done = SETTLED_AT_ONCE
        while done == SETTLED_AT_ONCE:
            asked = time.monotonic()
            reply = await self._store.step("settle", name, {"limit": SETTLED_AT_ONCE})
            done = reply.out["settled"]
            if done:
                self._metrics.settle_lag.observe(reply.out["late_ms"] / 1000)
            self._compare_clocks(pool, asked, reply.now_ms)
        if time.monotonic() >= pool.remember_at:  # what other processes were told
            pool.remember_at = time.monotonic() + REMEMBER_EVERY_S
            await self._remember(name, pool)

    def _compare_clocks(self, pool: _Pool, asked: float, now_ms: int) -> None:
        if pool.clock:
            mono, store_ms = pool.clock
            jump_ms = now_ms - store_ms - (asked - mono) * 1000
            if abs(jump_ms) > CLOCK_JUMP_MS and time.monotonic() - asked < 1:
                self._metrics.clock_jumps.inc()
                log.warning("store.clock_jumped", jump_ms=round(jump_ms))
        pool.clock = (asked, now_ms)

    async def check(self, name: str, pause_s: float = 0.0) -> list[str]:
        """What of the indexes the records do not imply, or the other way round; asked slice by slice."""
        found: list[str] = []
        cursor = "0"
        while True:
            out = (await self._store.step("check", name, {"cursor": cursor, "limit": CHECKED_AT_ONCE})).out
            found += out["findings"] or []
            cursor = out["cursor"]
            if cursor == "0":
                return found
            await asyncio.sleep(pause_s)

    async def _check(self) -> None:
        while True:
            for name, pool in list(self._pools.items()):
                with suppress(StoreUnavailable):
                    found = await self.check(name, SWEEP_S)
                    pool.findings = len(found)
                    for finding in found:
                        log.error("check.found", pool=name, finding=finding)
            await asyncio.sleep(CHECK_EVERY_S)

    # --- events -------------------------------------------------------------------------------------------------------

    async def _read_events(self) -> None:
        """Only while somebody waits for something: a busy pool writes thousands of entries a second."""
        while True:
            watched = {name: pool for name, pool in self._pools.items() if pool.listeners}
            if not watched:
                self._somebody.clear()
                await self._somebody.wait()
                continue
            try:
                for name, pool in watched.items():
                    if not pool.last_id:
                        await self._catch_up(name, pool)
                streams = {key_of(name, "events"): pool.last_id for name, pool in watched.items()}
                found = cast("Any", await self._store.redis.xread(cast("Any", streams), block=BLOCK_MS, count=500))
            except (RedisError, OSError):
                found = ()
                await asyncio.sleep(SWEEP_S)
            for key, entries in found or ():
                pool = watched[pool_of(key)]
                for entry_id, fields in entries:
                    pool.last_id = entry_id.decode()
                    happened = [
                        data["reservation_id"]
                        for event, data in json.loads(fields[b"e"])
                        if event.startswith("reservation.")
                    ]
                    pool.wake(EVERYTHING, *happened)
            for pool in self._pools.values():
                if not pool.listeners:
                    pool.last_id = ""

    async def _catch_up(self, name: str, pool: _Pool) -> None:
        """From now on; who came before this looks once more, so that nothing falls in between."""
        newest = cast("Any", await self._store.redis.xrevrange(key_of(name, "events"), count=1))
        pool.last_id = newest[0][0].decode() if newest else "0-0"
        pool.wake(*pool.listeners)

    @asynccontextmanager
    async def listening(self, name: str, reservation_id: str = EVERYTHING) -> AsyncGenerator[asyncio.Event]:
        """Set when something happens to this reservation, or to anything."""
        listeners, signal = self.of(name).listeners, asyncio.Event()
        listeners.setdefault(reservation_id, set()).add(signal)
        self._somebody.set()
        try:
            yield signal
        finally:
            listeners[reservation_id].discard(signal)
            if not listeners[reservation_id]:
                del listeners[reservation_id]

    def wake_all(self) -> None:
        """Whoever waits for anything looks again."""
        for pool in self._pools.values():
            pool.wake(*pool.listeners)
