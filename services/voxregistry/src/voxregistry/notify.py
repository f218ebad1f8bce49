"""Telling workers what is reserved on them: off the answer's path, one try, in order for each seat."""

import asyncio
from collections import deque
from contextlib import suppress
from typing import Any

import httpx
from voxkit.errors import StoreUnavailable
from voxkit.fence import Fence, make_fence
from voxkit.log import get_logger
from voxkit.tasks import Tasks

from voxregistry.metrics import Metrics
from voxregistry.store import Store

log = get_logger("voxregistry.notify")

NOTIFY_S = 0.5
Note = dict[str, Any]


def fence_of(view: Note, secret: str) -> str:
    """The token of a reservation with a seat."""
    return make_fence(Fence(view["worker_id"], view["epoch"], view["reservation_id"], view["deadline_ms"]), secret)


class Notifier:
    """One seat is told one thing at a time. One that answers 409 to its reservation was taken before it heard of it."""

    def __init__(self, secret: str, http: httpx.AsyncClient, store: Store, metrics: Metrics) -> None:
        self._secret = secret
        self._http = http
        self._store = store
        self._metrics = metrics
        self._waiting: dict[str, deque[tuple[str, Note]]] = {}
        self._tasks = Tasks()

    def send(self, pool: str, note: Note) -> None:
        """Queue a note for its seat."""
        if not note.get("url"):
            return
        seat = f"{pool}/{note['worker_id']}"
        if seat in self._waiting:
            self._waiting[seat].append((pool, note))
            return
        self._waiting[seat] = deque([(pool, note)])
        self._tasks.start(self._drain(seat))

    async def close(self) -> None:
        """Drop what was not sent yet; heartbeat replies say the same within 3 s."""
        await self._tasks.close()

    async def _drain(self, seat: str) -> None:
        queue = self._waiting[seat]
        try:
            while queue:
                await self._one(*queue.popleft())
        finally:
            del self._waiting[seat]

    async def _one(self, pool: str, note: Note) -> None:
        if note["call"] == "reserve":
            body = {"fence": fence_of(note, self._secret)}
        else:
            body = {"reservation_id": note["reservation_id"]}
        try:
            async with asyncio.timeout(NOTIFY_S):
                response = await self._http.post(f"{note['url']}/{note['call']}", json=body)
            result = str(response.status_code)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            result = type(error).__name__
        self._metrics.notified.labels(note["call"], result).inc()
        if result == "409" and note["call"] == "reserve":
            log.info("seat.taken", worker_id=note["worker_id"], reservation_id=note["reservation_id"])
            await self._taken(pool, note)

    async def _taken(self, pool: str, note: Note) -> None:
        """Another seat, if the grant still stands."""
        grant = {name: note[name] for name in ("reservation_id", "worker_id", "epoch")}
        with suppress(StoreUnavailable):
            await self._store.step("replace", pool, {**grant, "reason": "taken"})
