"""The registry or its store dies, freezes or forgets while workers carry real calls: no call notices, and the seats are
counted right again, by what the workers themselves say.

OUTAGE_CALLS=50 runs it at the size of a full host (about 7 GB of memory); the usual size fits a laptop.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio
from redis.asyncio import Redis
from voxkit.errors import AtCapacity
from voxkit.registry import RegistryAway, new_reservation_id

from .light_call import LightCall
from .plant import Plant, plant

pytestmark = [pytest.mark.faults, pytest.mark.timeout(900), pytest.mark.asyncio(loop_scope="module")]

CALLS = int(os.environ.get("OUTAGE_CALLS", "10"))
RIGHT_AGAIN_S = 5.0
HOST = "host-full"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Plant]:
    async with plant(tmp_path_factory.mktemp("outages"), workers=1) as running:
        yield running


async def placed(stack: Plant, bot: str) -> LightCall:
    """One call on a reserved seat of the host."""
    async with stack.registry() as registry:
        grant = await registry.reserve(new_reservation_id(), hold=60, need={"host_id": HOST})
    url = f"{grant.lb_url.replace('http', 'ws', 1)}/ws/{bot}/{grant.fence}"
    return await LightCall.placed(url, f"st-{uuid.uuid4().hex[:12]}")


async def busy_seats(stack: Plant) -> int | None:
    """What the registry counts; None while it does not answer."""
    async with stack.registry() as registry:
        try:
            return len(await registry.seats(host_id=HOST, state="busy"))
        except (RegistryAway, TimeoutError):
            return None


async def seconds_until_right(stack: Plant) -> float:
    """How long until every call is counted again. Fails when that takes a minute."""
    began = time.monotonic()
    async with asyncio.timeout(60):
        while await busy_seats(stack) != CALLS:
            await asyncio.sleep(0.05)
    return time.monotonic() - began


async def nobody_gets_a_seat(stack: Plant) -> None:
    """Every seat of the host has a call. A registry that gathers what it forgot, or
    catches up, grants nothing at all."""
    async with stack.registry() as registry, asyncio.timeout(20):
        while True:
            try:
                grant = await registry.reserve(new_reservation_id(), hold=5, need={"host_id": HOST})
            except AtCapacity:
                return
            except RegistryAway:
                await asyncio.sleep(0.2)
            else:
                pytest.fail(f"seat {grant.worker_id} was granted, and it has a call")


async def wiped(stack: Plant) -> None:
    """Everything that the registry knows is gone; the store itself stays."""
    store = Redis.from_url(stack.parts["voxregistry"].env["REGISTRY_REDIS_URL"])
    await store.flushdb()
    await store.aclose()


async def store_killed_and_emptied(stack: Plant) -> None:
    """kill -9 of Valkey, back after six seconds with what its disk kept, and then that is gone too."""
    stack.kill("valkey")
    await asyncio.sleep(6)
    await stack.start("valkey")
    await wiped(stack)


async def registry_killed(stack: Plant) -> None:
    """kill -9, away for longer than a beat of a worker lives."""
    stack.kill("voxregistry")
    await asyncio.sleep(12)
    await stack.start("voxregistry")


async def frozen(stack: Plant, part: str) -> None:
    """SIGSTOP for longer than a beat of a worker lives, then SIGCONT."""
    stack.signal(signal.SIGSTOP, part)
    await asyncio.sleep(12)
    stack.signal(signal.SIGCONT, part)


OUTAGES: dict[str, Callable[[Plant], Awaitable[None]]] = {
    "memory wiped": wiped,
    "store killed and emptied": store_killed_and_emptied,
    "registry killed": registry_killed,
    "registry frozen": lambda stack: frozen(stack, "voxregistry"),
    "store frozen": lambda stack: frozen(stack, "valkey"),
}


async def test_no_call_notices_and_no_seat_is_given_twice_whatever_happens_to_the_registry(
    stack: Plant, record_property: Callable[[str, object], None]
) -> None:
    bot = await stack.make_bot()
    async with stack.seats(HOST, CALLS, {"DEAD_AIR_SECONDS": "0"}):
        calls = [await placed(stack, bot) for _ in range(CALLS)]
        await seconds_until_right(stack)
        for name, outage in OUTAGES.items():
            await outage(stack)
            took_s = await seconds_until_right(stack)
            print(f"{name}: {CALLS} calls counted again after {took_s:.1f} s")
            record_property(name, took_s)
            assert took_s <= RIGHT_AGAIN_S, name
            assert not any(call.lost for call in calls), name
            await nobody_gets_a_seat(stack)
        for call in calls:
            await call.hang_up()
        for call in calls:
            record = await stack.settled(call.stream)
            assert (record["status"], record["disconnected_by"]) == ("completed", "customer")
