"""Those who use the installation of `village.py` all the time, and what they were answered."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import pairwise

import httpx
from voxkit.errors import VoxError
from voxkit.registry import RegistryAway, RegistryClient, new_reservation_id

from .village import API, CONSOLE, SEATS, Village

EVERY_S = 0.05
TRIES = 4


@dataclass
class Users:
    """What they were answered. `led`: (time, diallers that lead)."""

    village: Village
    wrong: list[str] = field(default_factory=list[str])
    count: int = 0
    granted: int = 0
    late: int = 0
    led: list[tuple[float, tuple[str, ...]]] = field(default_factory=list[tuple[float, tuple[str, ...]]])

    async def reads(self, name: str, path: str, headers: dict[str, str]) -> None:
        """A page or a list, over and over, each time on a new connection as strangers have it."""
        while True:
            async with self.village.client(name, **headers) as client:
                for _ in range(10):
                    await self._one(client, path)
                    await asyncio.sleep(EVERY_S)

    async def _one(self, client: httpx.AsyncClient, path: str) -> None:
        self.count += 1
        try:
            answer = await client.get(path)
        except httpx.HTTPError as error:
            self.wrong.append(f"GET {path}: {error!r}")
            return
        if answer.status_code >= 400:
            self.wrong.append(f"GET {path}: {answer.status_code} {answer.text[:200]}")

    async def fleet(self) -> None:
        """The registry never forgets a seat, and what it grants is granted."""
        registry = self.village.registry()
        try:
            while True:
                await self._grant(registry)
                await asyncio.sleep(0.2)
        finally:
            await registry.aclose()

    async def _grant(self, registry: RegistryClient) -> None:
        self.count += 1
        try:
            seats = [seat for seat in await registry.seats() if seat.state != "lost"]
            if len(seats) < 2 * SEATS - 1:
                self.wrong.append(f"the registry knows {[seat.worker_id for seat in seats]} alone")
            grant = await registry.reserve(new_reservation_id(), hold=15, wait=20)
            self.granted += 1
            self.late = 0
            await registry.release(grant)
        except RegistryAway as error:
            # No answer in time is asked again, as every caller does: here much else runs on two cores.
            self.late += 1
            if self.late >= TRIES:
                self.wrong.append(f"registry: no answer {TRIES} times: {error.message}")
        except VoxError as error:
            self.wrong.append(f"registry: {error.wire_code} {error.message}")

    async def diallers(self) -> None:
        """Who says that it leads, by way of the private side of the edge."""
        base = f"http://{self.village.address}:8088/replicas/"
        async with httpx.AsyncClient(base_url=base, trust_env=False, timeout=3) as client:
            while True:
                led: list[str] = []
                for id in ("voxdialler-a", "voxdialler-b"):
                    with suppress(httpx.HTTPError):
                        led += [id] if (await client.get(f"{id}/ready")).status_code == 200 else []
                self.led.append((time.monotonic(), tuple(led)))
                await asyncio.sleep(EVERY_S)

    @property
    def dark_s(self) -> float:
        """The longest time in which nobody may have led."""
        led = [at for at, leaders in self.led if leaders]
        return max((after - before for before, after in pairwise(led)), default=0.0)


@asynccontextmanager
async def users_of(village: Village, *, fleet: bool = True) -> AsyncIterator[Users]:
    """Everybody at it, until the block ends; then nobody may have been refused. `fleet`: those with a secret too."""
    users, token = Users(village), await village.token()
    work = [
        *(users.reads(API, "/api/v1/bots", {"Authorization": f"Bearer {token}"}) for _ in range(2)),
        users.reads(CONSOLE, "/", {}),
        users.diallers(),
        *([users.fleet()] if fleet else []),
    ]
    tasks = [asyncio.create_task(each) for each in work]
    try:
        yield users
        await asyncio.sleep(1)
        assert not [task for task in tasks if task.done()], [task for task in tasks if task.done()]
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    print(f"{users.count} requests, {users.granted} grants; nobody led for {users.dark_s:.1f} s at most")
    assert users.wrong == []
    assert users.count > 100
    assert [leaders for _, leaders in users.led if len(leaders) > 1] == []
