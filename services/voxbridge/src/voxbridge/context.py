"""What a running voxbridge holds; handed to services and jobs, never imported as a global."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import httpx
from fastapi import Request
from prometheus_client import CollectorRegistry
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase
from redis.asyncio import Redis
from voxkit.clock import utc_now
from voxkit.log import get_logger
from voxkit.netguard import Allowlist
from voxkit.registry import RegistryPools

from voxbridge.crypto import Cipher
from voxbridge.metrics import Metrics
from voxbridge.settings import BridgeSettings

if TYPE_CHECKING:
    from voxbridge.jobs import Leadership

Document = dict[str, Any]
log = get_logger("voxbridge.context")


class Signals:
    """Named wake-ups inside this process, so that a loop need not wait for its next poll."""

    def __init__(self) -> None:
        self._events: dict[str, asyncio.Event] = {}

    def wake(self, name: str) -> None:
        """Wake whoever waits for `name`; a wake-up without a waiter is kept for the next one."""
        self._events.setdefault(name, asyncio.Event()).set()

    async def wait(self, name: str, timeout_s: float) -> bool:
        """True when woken, False when `timeout_s` passed first."""
        event = self._events.setdefault(name, asyncio.Event())
        try:
            await asyncio.wait_for(event.wait(), timeout_s)
        except TimeoutError:
            return False
        event.clear()
        return True


async def end(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel tasks and wait until they are gone.

    Again and again, because one cancellation may be swallowed: a driver that is cancelled while it connects answers
    with an error of its own, and a loop that contains errors would go on.
    """
    left = {task for task in tasks if not task.done()}
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=0.5)


class Background:
    """Tasks beside a request; errors are logged, the rest is cancelled when the process ends."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, Any], *, name: str) -> asyncio.Task[Any]:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.warning("background.failed", task=task.get_name(), error=f"{type(error).__name__}: {error}")

    async def settle(self, timeout_s: float) -> None:
        """Wait for what runs, at most `timeout_s`, then cancel."""
        if self._tasks:
            _, late = await asyncio.wait(set(self._tasks), timeout=timeout_s)
            await end(late)


@dataclass
class Context:
    """Stores, clients and settings of one process."""

    settings: BridgeSettings
    mongo: AsyncMongoClient[Document]
    db: AsyncDatabase[Document]
    redis: Redis
    http: httpx.AsyncClient
    cipher: Cipher
    allow: Allowlist
    registry: CollectorRegistry
    metrics: Metrics
    pools: RegistryPools | None  # the capacity registry; None: workers are chosen by polling only
    clock: Callable[[], datetime] = utc_now
    signals: Signals = field(default_factory=Signals)
    background: Background = field(default_factory=Background)
    caches: dict[str, Any] = field(default_factory=dict)  # per process, keyed by feature; never the only copy of a fact
    leadership: Leadership | None = None  # set while jobs run


def get_context(request: Request) -> Context:
    """FastAPI dependency."""
    context: Context = request.app.state.ctx
    return context
