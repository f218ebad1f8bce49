"""FB1 to FB4: an absent registry stops calls although it need not, or calls land twice around the change."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
import respx
from voxbridge.fleet import fallback, store
from voxbridge.fleet.starts import BROWSER, DIALOUT, DISPATCH, socket_seat, start_call
from voxkit.errors import VoxError
from voxkit.registry import QuotaExceeded, StartUnknown

from ..registries import Registry
from .conftest import MakeWorld, World
from .hosts import balancer_error, refuse

pytestmark = [pytest.mark.faults]
BODY = {"bot_id": "demo"}


@pytest.fixture
def no_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody looks after the registry but the test."""
    monkeypatch.setattr("voxbridge.fleet.hooks.jobs", lambda ctx: [])


def in_use(world: World) -> bool:
    return fallback.registry_in_use(world.ctx)


async def test_a_registry_that_is_away_is_left_after_its_one_repeat_and_the_call_starts_without_a_fence(
    make_world: MakeWorld,
) -> None:
    """FB1."""
    async with make_world(seats=(1, 3), fleet_fallback="poll") as world:
        world.registry.stop()
        started = await start_call(world.ctx, DISPATCH, BODY)
        assert started.host == world.hosts[1].url, "the host with most free seats"
        [(reservation, _)] = world.calls
        assert reservation is None
        assert not in_use(world)
        async with socket_seat(world.ctx, BROWSER) as seat:
            assert seat.fence == ""


async def test_a_host_that_is_full_after_all_leads_on_to_the_next(make_world: MakeWorld) -> None:
    """FB1: 429 has no side effect on any start route."""
    async with make_world(seats=(3, 1), fleet_fallback="poll") as world:
        world.registry.stop()
        world.hosts[0].script = [refuse(429, "at_capacity")]
        assert (await start_call(world.ctx, DISPATCH, BODY)).host == world.hosts[1].url


async def test_an_unknown_outcome_starts_nothing_else_by_polling_either(make_world: MakeWorld) -> None:
    async with make_world(seats=(2, 2), fleet_fallback="poll") as world:
        world.registry.stop()
        for host in world.hosts:
            host.script = [balancer_error]
        with pytest.raises(StartUnknown):
            await start_call(world.ctx, DISPATCH, BODY)
        assert sum(host.starts for host in world.hosts) == 1


async def test_a_start_whose_seat_refused_as_the_registry_went_away_goes_on_by_polling(make_world: MakeWorld) -> None:
    async with make_world(seats=(1, 1), fleet_fallback="poll") as world:

        def refuse_and_end_the_registry(seat: Any, fence: Any) -> Any:
            world.registry.stop()
            return refuse(409, "stale_reservation")(seat, fence)

        for host in world.hosts:
            host.script = [refuse_and_end_the_registry]
        first = asyncio.create_task(start_call(world.ctx, DISPATCH, BODY))
        while not any(host.starts for host in world.hosts):
            await asyncio.sleep(0.01)
        for host in world.hosts:
            host.script = []
        await first
        assert len(world.calls) == 1


async def test_the_registry_is_used_again_once_it_was_well_for_five_seconds(
    no_jobs: None, make_world: MakeWorld
) -> None:
    """FB2."""
    async with make_world(fleet_fallback="poll") as world:
        world.registry.stop()
        await start_call(world.ctx, DISPATCH, BODY)
        await fallback.look_again(world.ctx, clock=0.0)
        world.registry.start()
        await world.until(lambda fleet: fleet["seats"] == 2)
        for at, used in ((10.0, False), (12.0, False), (14.9, False), (15.0, True)):
            await fallback.look_again(world.ctx, clock=at)
            assert in_use(world) is used, at
        await start_call(world.ctx, DISPATCH, BODY)
        assert [reservation is None for reservation, _ in world.calls] == [True, False]


async def test_a_relapse_begins_the_five_seconds_anew(no_jobs: None, make_world: MakeWorld) -> None:
    """FB2."""
    async with make_world(fleet_fallback="poll") as world:
        world.registry.stop()
        await start_call(world.ctx, DISPATCH, BODY)
        world.registry.start()
        await world.until(lambda fleet: fleet["seats"] == 2)
        await fallback.look_again(world.ctx, clock=0.0)
        world.registry.stop()
        await fallback.look_again(world.ctx, clock=4.0)
        world.registry.start()
        await world.until(lambda fleet: fleet["seats"] == 2)
        for at, used in ((6.0, False), (10.0, False), (11.0, True)):
            await fallback.look_again(world.ctx, clock=at)
            assert in_use(world) is used, at


async def test_a_pool_that_rebuilds_is_not_well(no_jobs: None, make_world: MakeWorld) -> None:
    """FB2."""
    async with make_world(fleet_fallback="poll") as world:
        world.registry.stop()
        await start_call(world.ctx, DISPATCH, BODY)
        with respx.mock(assert_all_called=False) as net:
            net.get(f"{world.registry.url}/health").respond(200, json={"pools": {world.pool: "rebuilding"}})
            for at in (0.0, 6.0):
                await fallback.look_again(world.ctx, clock=at)
            assert not in_use(world)
            net.get(f"{world.registry.url}/health").respond(200, json={"pools": {world.pool: "ok"}})
            for at in (8.0, 13.0):
                await fallback.look_again(world.ctx, clock=at)
            assert in_use(world)


async def test_the_own_max_holds_by_the_own_count(make_world: MakeWorld) -> None:
    """FB3: hand-offs that no call stands for yet count; so do calls in progress, each once."""
    async with make_world(seats=(4,), fleet_fallback="poll") as world:
        await world.quota(max=2)
        await fallback.remember_max(world.ctx)
        world.registry.stop()
        old, now = world.ctx.clock() - timedelta(minutes=2), world.ctx.clock()
        await world.ctx.db["calls"].insert_one({"_id": "s-1", "status": "in_progress", "created_at": old})
        await start_call(world.ctx, DISPATCH, BODY)
        await world.ctx.db["calls"].insert_one({"_id": "s-2", "status": "in_progress", "created_at": now})
        with pytest.raises(QuotaExceeded) as caught:
            await start_call(world.ctx, DISPATCH, BODY)
        assert (caught.value.extra["limit"], caught.value.extra["used"]) == (2, 2)
        await world.ctx.db["calls"].update_one({"_id": "s-1"}, {"$set": {"status": "completed"}})
        await start_call(world.ctx, DISPATCH, BODY)
        assert len(world.calls) == 2


async def test_starts_at_the_same_time_do_not_pass_the_max_together(make_world: MakeWorld) -> None:
    """FB3."""
    async with make_world(seats=(4,), fleet_fallback="poll") as world:
        await store.write_max(world.ctx.db, 2)
        world.registry.stop()
        ends = await asyncio.gather(*(start_call(world.ctx, DISPATCH, BODY) for _ in range(4)), return_exceptions=True)
        assert [isinstance(end, QuotaExceeded) for end in ends].count(True) == 2
        assert len(world.calls) == 2


async def test_the_max_is_the_sum_of_the_pools_and_none_while_one_of_them_has_no_cap(
    make_world: MakeWorld, registry: Registry
) -> None:
    pools = f"sum-left={registry.url},sum-right={registry.url}"
    async with make_world(beating_hosts=False, registry_pools=pools, fleet_fallback="poll") as world:
        await world.quota(max=7)
        await fallback.remember_max(world.ctx)
        assert await store.read_max(world.ctx.db) == 14
        await world.quota("sum-left")
        await fallback.remember_max(world.ctx)
        assert await store.read_max(world.ctx.db) is None


async def test_without_a_cap_the_max_is_none_and_silence_takes_no_limit_back(make_world: MakeWorld) -> None:
    async with make_world(fleet_fallback="poll") as world:
        await fallback.remember_max(world.ctx)
        assert await store.read_max(world.ctx.db) is None
        await world.quota(max=7)
        await fallback.remember_max(world.ctx)
        assert await store.read_max(world.ctx.db) == 7
        world.registry.stop()
        await fallback.remember_max(world.ctx)
        assert await store.read_max(world.ctx.db) == 7


async def test_around_an_outage_no_start_fails_and_none_lands_twice(make_world: MakeWorld) -> None:
    """FB4: calls begin and end all the time while the registry goes and comes; a free seat is there for every one."""
    async with make_world(seats=(6, 6), fleet_fallback="poll") as world:
        began: list[str | None] = []
        failed: list[VoxError] = []
        running = True

        async def caller() -> None:
            while running:
                try:
                    started = await start_call(world.ctx, DIALOUT, BODY, wait_s=1)
                except VoxError as error:
                    failed.append(error)
                    continue
                began.append(started.call_id)
                await asyncio.sleep(0.1)
                for host in world.hosts:
                    for seat in host.seats.values():
                        if seat.call == started.call_id:
                            seat.hang_up()

        callers = [asyncio.create_task(caller()) for _ in range(4)]
        await asyncio.sleep(1)
        world.registry.stop()
        before = len(began)
        while in_use(world) or len(began) < before + 20:
            await asyncio.sleep(0.05)
        world.registry.start()
        while not in_use(world):
            await asyncio.sleep(0.05)
        back = len(began)
        while len(began) < back + 20:
            await asyncio.sleep(0.05)
        running = False
        await asyncio.gather(*callers)
        assert not failed, failed[0]
        taken = [call for _, call in world.calls]
        assert sorted(taken) == sorted(call for call in began if call), "each start is one call"
        assert len(set(taken)) == len(taken)
        fenced = [reservation for reservation, _ in world.calls if reservation]
        assert len(set(fenced)) == len(fenced)
        assert 0 < len(fenced) < len(taken)
