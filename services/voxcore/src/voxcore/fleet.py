"""The workers of this host, asked one by one: what the host can take now."""

import asyncio
import time
from collections.abc import Callable
from urllib.parse import urlsplit

import httpx
from pydantic import ValidationError
from voxkit.contracts.health import FleetHealth, FleetWorker, WorkerHealth

from voxcore.settings import VoxcoreSettings

ASK_S = 0.8
CACHE_S = 0.5


def summed(healthy: list[WorkerHealth], unreachable: list[str]) -> FleetHealth:
    """The host as the sum of its reachable workers; an unreachable one counts nothing."""
    workers = [
        FleetWorker(
            id=each.worker_id, calls=each.worker_calls, max=each.worker_max, pid=each.worker_pid, state=each.state
        )
        for each in healthy
    ]
    workers += [FleetWorker(id=name, status="unreachable") for name in unreachable]
    return FleetHealth(
        fleet_calls=sum(each.worker_calls for each in healthy),
        fleet_max=sum(each.worker_max for each in healthy),
        fleet_available=sum(1 for each in healthy if each.state == "idle"),
        workers=sorted(workers, key=lambda each: each.id),
    )


class FleetView:
    """Asks the siblings in parallel, 800 ms each, and keeps the answer for 500 ms."""

    def __init__(
        self,
        own: Callable[[], WorkerHealth],
        settings: VoxcoreSettings,
        client: httpx.AsyncClient,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._own = own
        self._settings = settings
        self._client = client
        self._monotonic = monotonic
        self._names: dict[str, str] = {}
        self._flight: asyncio.Task[FleetHealth] | None = None
        self._asked_at = float("-inf")

    async def look(self) -> FleetHealth:
        """The host now, or at most 500 ms ago."""
        fresh = self._monotonic() - self._asked_at < CACHE_S
        if self._flight is None or (self._flight.done() and not fresh):
            self._asked_at = self._monotonic()
            self._flight = asyncio.create_task(self._ask())
        return await asyncio.shield(self._flight)

    async def _ask(self) -> FleetHealth:
        urls = [url for url in self._settings.siblings if url != self._settings.voxcore_direct_url]
        answers = await asyncio.gather(*(self._one(url) for url in urls))
        own = self._own()
        healthy = {own.worker_id: own}
        unreachable: list[str] = []
        for url, answer in zip(urls, answers, strict=True):
            if answer is None:
                unreachable.append(self._names.get(url) or urlsplit(url).netloc)
            else:
                self._names[url] = answer.worker_id
                healthy.setdefault(answer.worker_id, answer)
        return summed(list(healthy.values()), [name for name in unreachable if name not in healthy])

    async def _one(self, url: str) -> WorkerHealth | None:
        try:
            async with asyncio.timeout(ASK_S):
                answer = await self._client.get(f"{url}/health")
            return WorkerHealth.model_validate_json(answer.content) if answer.status_code == 200 else None
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, ValidationError):
            return None
