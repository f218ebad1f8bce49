"""A registry that was emptied and is never told again what its callers hold (CL2)."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from voxkit.errors import AtCapacity
from voxkit.registry import RegistryClient

from .registry_world import Clock, R, World, answer, heard, refused, view

pytestmark = [pytest.mark.unit]

BUSY = refused(503, "overloaded")
RELEASED = answer(200, {"state": "released"})


def fleet(generation: str) -> httpx.Response:
    counts = dict.fromkeys(("seats", "free", "idle", "reserved", "busy", "wrapping", "starting", "draining", "lost",
                            "waiting", "longest_wait_ms"), 0)  # fmt: skip
    return answer(
        200, {"pool": "default", "generation": generation, "status": "ok", "waiting_by": {}, "refusals": {}, **counts}
    )


async def test_cl2_a_new_generation_is_told_what_is_still_held(world: World, registry: RegistryClient) -> None:
    world.on("PUT", R, answer(201, view()))
    grant = await registry.reserve("r-first-1", hold=60)
    world.on("GET", "/v1/fleet", fleet("g1"), fleet("g0"), fleet("g0"))  # they have no order
    await registry.fleet()
    assert len(world.asked("PUT", R)) == 1  # nothing has changed
    world.on("PUT", R, refused(503, "rebuilding"), refused(503, "rebuilding"), answer(200, view(generation="g0")))
    await registry.fleet()
    first, *repeats = await heard(world, "PUT", times=4)
    assert repeats == [first] * 3
    await registry.fleet()
    world.on("POST", f"{R}/confirm", answer(200, view("confirmed", generation="g0")))
    await registry.confirm(grant)
    world.on("GET", "/v1/fleet", fleet("g3"))
    await registry.fleet()  # a confirmed one is told by its worker
    await asyncio.sleep(0.01)
    assert len(world.asked("PUT", R)) == 4


async def test_cl2_a_repeat_that_is_refused_is_let_go_and_the_next_one_made(
    world: World, registry: RegistryClient
) -> None:
    second = "/v1/reservations/r-second-2"
    for path, rid in ((R, "r-first-1"), (second, "r-second-2")):
        world.on("PUT", path, answer(201, view(reservation_id=rid)))
        await registry.reserve(rid)
    world.on("PUT", R, refused(410, "reservation_over"))
    world.on("PUT", second, answer(200, view(reservation_id="r-second-2", generation="g2")))
    world.on("GET", "/v1/fleet", fleet("g2"))
    await registry.fleet()
    await heard(world, "PUT", times=2)
    await heard(world, "PUT", second, times=2)


async def test_cl2_what_was_refused_is_not_held_and_not_asked_for_again(world: World, registry: RegistryClient) -> None:
    full = "/v1/reservations/r-second-2"
    world.on("PUT", R, answer(201, view()), answer(200, view(generation="g2")))
    await registry.reserve("r-first-1")
    world.on("PUT", full, refused(429, "at_capacity"))
    with pytest.raises(AtCapacity):
        await registry.reserve("r-second-2")
    world.on("GET", "/v1/fleet", fleet("g2"))
    await registry.fleet()
    await heard(world, "PUT", times=2)
    await registry._tasks.settle()
    assert len(world.asked("PUT", full)) == 1


async def test_cl2_a_registry_that_stays_away_is_told_for_ten_seconds(
    world: World, timed: RegistryClient, clock: Clock
) -> None:
    world.on("PUT", R, answer(201, view()))
    await timed.reserve("r-first-1")
    world.on("GET", "/v1/fleet", fleet("g2"))
    world.on("PUT", R, clock.later(9.75, BUSY), clock.later(0.25, BUSY), BUSY)
    await timed.fleet()
    await timed._tasks.settle()
    assert world.script == []
    world.on("GET", "/v1/fleet", fleet("g3"))
    world.on("PUT", R, lambda _: BUSY)
    await timed.fleet()
    await heard(world, "PUT", times=5)
    await timed.aclose()  # ends what runs in the background


async def test_cl2_what_is_released_while_it_is_repeated_is_released_once_more(
    world: World, registry: RegistryClient
) -> None:
    world.on("PUT", R, answer(201, view()))
    await registry.reserve("r-first-1")
    world.on("DELETE", R, RELEASED, RELEASED)

    def meanwhile(_: httpx.Request) -> httpx.Response:
        registry._open.pop("r-first-1")
        return answer(200, view(generation="g2"))

    world.on("PUT", R, meanwhile)
    world.on("GET", "/v1/fleet", fleet("g2"))
    await registry.fleet()
    await heard(world, "DELETE")
    await registry.release("r-first-1")


async def test_a_body_without_a_generation_says_nothing_about_one(world: World, registry: RegistryClient) -> None:
    world.on("POST", "/v1/drain", answer(200, {"selector": "pool", "seats": 3}))
    world.on("POST", "/v1/undrain", answer(200, {"selector": "pool", "seats": 3, "generation": 7}))
    assert (await registry.drain("pool", "new image", "ana")).seats == 3
    await registry.undrain("pool")
    assert registry._generation == ""
    assert world.asked("POST", "/v1/drain") == [{"selector": "pool", "reason": "new image", "by": "ana"}]
