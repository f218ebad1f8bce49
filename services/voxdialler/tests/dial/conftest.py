"""The dialler's context with the real store, a scripted carrier and scripted seats."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import MISSING, fields
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from prometheus_client import CollectorRegistry
from pymongo import AsyncMongoClient
from voxdialler import crashpoints
from voxdialler.breaker import Breakers
from voxdialler.capacity import Capacity
from voxdialler.context import Context, DialOrder
from voxdialler.lease import Marks
from voxdialler.metrics import Metrics
from voxdialler.numbers import Buckets, NumberBook
from voxdialler.originate.livekit_sip import LivekitSip, open_server
from voxdialler.originate.ways import Ways
from voxdialler.settings import DiallerSettings
from voxdialler.tasks import Tasks
from voxkit.clock import utc_now
from voxkit.errors import NotFound, Unavailable

from .fake_carrier import FakeCarrier, Plan
from .fake_livekit import FakeLiveKit
from .world import CARRIER, TRUNK, World


class OneCarrier:
    """Credentials and client of every carrier: the scripted one."""

    def __init__(self, carrier: FakeCarrier) -> None:
        self._carrier = carrier
        self.away = False

    async def access(self, carrier_id: str) -> Any:
        if carrier_id != "k1":
            raise NotFound("no such carrier")
        return SimpleNamespace(api_token="token")

    async def client(self, carrier_id: str) -> FakeCarrier:
        await asyncio.sleep(0)  # as a request does, it gives others a turn
        if self.away:
            raise Unavailable("voxbridge does not answer")
        return self._carrier

    async def aclose(self) -> None:
        return None


async def nap(seconds: float) -> None:
    """Waits for carriers and deadlines pass at once."""
    await asyncio.sleep(min(seconds, 0.02))


def make_context(world: World) -> Context:
    """A dialler that leads, as `app.opened` makes it, with scripted ends."""
    settings = DiallerSettings(_env_file=None, voxcore_secret="secret", registry_url="")
    prometheus = CollectorRegistry()
    accounts: Any = OneCarrier(world.carrier)
    buckets = Buckets(time.monotonic)
    buckets.learn([{**CARRIER, "outbound_cps": 100_000}])
    owner = f"dialler:{uuid.uuid4().hex}#7"
    leader: Any = SimpleNamespace(is_leader=True, lease_owner=owner, epoch=7)
    parts: dict[str, Any] = {
        "settings": settings,
        "db": world.db,
        "registry": world.seats,
        "prometheus": prometheus,
        "metrics": Metrics(prometheus),
        "breakers": Breakers(world.db["breakers"], utc_now),
        "buckets": buckets,
        "numbers": NumberBook(world.db["number_usage"]),
        "leader": leader,
        "tasks": Tasks(time.monotonic),
        "capacity": Capacity(None, httpx.AsyncClient(), fallback=False, poll_s=3, timeout_s=1),
        "marks": Marks(),
        "accounts": accounts,
        "originators": Ways(
            accounts, open_media=lambda: ("https://fleet.test", "t0"), now=utc_now, poll_s=0.02, livekit=world.livekit
        ),
        "monotonic": time.monotonic,
        "sleep": nap,
    }
    needed = {field.name for field in fields(Context) if field.default is MISSING and field.default_factory is MISSING}
    return Context(**{**dict.fromkeys(needed), **parts})  # what only the loop works with is not there


@pytest.fixture
async def world(mongodb_uri: str, mongo_db_name: str) -> AsyncIterator[World]:
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(mongodb_uri, tz_aware=True)
    made = World(client[mongo_db_name], make_context)
    await made.start()
    yield made
    await made.ctx.originators.aclose()
    await made.carrier.aclose()
    await client.close()


class Killed(BaseException):
    """The task ends here, as if its process had been killed: nothing in it may catch this."""


class Crash:
    """Kills dials at named places."""

    def __init__(self) -> None:
        self._probes = 0

    async def points_of(self, world: World, plan: Plan) -> list[str]:
        """Every place that a dial of this kind passes, in order."""
        seen: list[str] = []
        self._probes += 1
        campaign = await world.campaign(f"probe{self._probes}")
        row = await world.row(campaign, f"+1555990{self._probes:02}", plan)
        with crashpoints.watched(seen.append):
            await world.dial(campaign, row)
        world.seats.held.clear()
        return list(dict.fromkeys(seen))

    async def at(self, point: str, world: World, campaign: Any, row: Any) -> None:
        """A dial of this row that dies at `point`."""
        assert await self.if_passed(point, world, campaign, row), f"{point} was not passed"

    async def if_passed(self, point: str, world: World, campaign: Any, row: Any) -> bool:
        """The same; False: the dial went its way, because a busy machine saw two steps of the call as one."""
        killed = await self._kill(point, world, await world.lease(campaign, row))
        await world.ctx.originators.aclose()
        return killed

    async def during(self, point: str, world: World, order: DialOrder) -> None:
        """This dial, dying at `point`."""
        assert await self._kill(point, world, order), f"{point} was not passed"

    async def _kill(self, point: str, world: World, order: DialOrder) -> bool:
        def kill(name: str) -> None:
            if name == point:
                raise Killed(name)

        with crashpoints.watched(kill):
            try:
                await world.run(order)
            except Killed:
                return True
        return False


@pytest.fixture
async def livekit(world: World, free_port: Callable[[], int]) -> AsyncIterator[FakeLiveKit]:
    """A dialler with LiveKit set, and the trunk over which it dials."""
    fake = FakeLiveKit()
    async with fake.running(free_port):
        opener = open_server(fake.url, "key", "secret-that-is-long-enough-for-hs256")
        world.use_livekit(lambda: LivekitSip(opener, now=utc_now))
        await world.db["carriers"].insert_one(dict(TRUNK))
        world.ctx.buckets.learn([{**TRUNK, "outbound_cps": 100_000}])
        yield fake
        await world.ctx.originators.aclose()


@pytest.fixture
def crash() -> Crash:
    return Crash()
