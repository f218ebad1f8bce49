"""Worker and registry as they are, on a real store: what each must get right while the other is gone or wrong."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from registry_plant import RegistryPlant
from voxcore.settings import VoxcoreSettings
from voxcore.slot import DrainSource, Phase
from voxcore.store_clock import StoreClock
from voxcore_children import Spawn, announced
from voxcore_fakes import SECRET, FakeBridge, FakeRooms, RunningWorker, running_worker
from voxctl.children import free_port, free_run_of_ports
from voxkit.registry import Grant, new_reservation_id

pytestmark = [pytest.mark.integration]

AUTH = {"X-VoxCore-Secret": SECRET}
ATTACH = {"room_name": "room-1", "bot_id": "demo", "to_number": "+15550100"}
BEAT_S = 3.0
SLOW_MACHINE_S = 2.0


@pytest.fixture
def worker_of(plant: RegistryPlant, settings_for: Callable[..., VoxcoreSettings], bridge: FakeBridge, tmp_path: Path):
    """`async with worker_of("w-1") as run`: a whole worker that the registry of this test hears of."""

    @asynccontextmanager
    async def make(name: str = "w-1", **more: Any) -> AsyncIterator[RunningWorker]:
        port = free_port()
        settings = settings_for(
            voxcore_worker_id=name, voxcore_port=port, registry_url=plant.url, voxbridge_config_url=bridge.config_url,
            voxcore_public_url=f"http://127.0.0.1:{port}", voxcore_direct_url=f"http://127.0.0.1:{port}",
            outbox_dir=tmp_path / f"outbox-{name}", **more,
        )  # fmt: skip
        async with running_worker(settings, rooms=FakeRooms()) as run:
            yield run

    return make


async def start(run: RunningWorker, grant: Grant, room: str = "room-1") -> httpx.Response:
    return await run.client.post("/attach", headers=AUTH | grant.headers, json=ATTACH | {"room_name": room})


async def hang_up(run: RunningWorker) -> None:
    assert run.rooms
    async with asyncio.timeout(30):
        while run.worker.slot.calls:
            for media in run.rooms.media:
                media.gone.set()
            await asyncio.sleep(0.01)


async def test_a_call_from_the_reservation_to_the_free_seat_as_the_registry_sees_it(plant, worker_of) -> None:
    """H1, F6: told at once, confirmed by the worker's own word, free when the result is on disk."""
    async with plant.api(), worker_of(deployment_name="main") as run:
        await plant.until("w-1", state="idle")
        async with plant.caller() as registry:
            grant = await registry.reserve(new_reservation_id(), hold=60)
            await run.until(Phase.RESERVED)
            assert (await run.client.post("/attach", headers=AUTH, json=ATTACH)).status_code == 429
            first = await start(run, grant)
            assert first.status_code == 200, first.text
            seat = await plant.until("w-1", state="busy", reservation_id=grant.reservation_id)
            assert seat["call_id"] == first.json()["call_id"]
            assert (await registry.read(grant.reservation_id)).state == "active"
            again = await start(run, grant, room="another-room")
            assert (again.status_code, again.json()) == (200, first.json())
            await hang_up(run)
            await plant.until("w-1", state="idle", call_id=None)
            assert (await registry.read(grant.reservation_id)).state == "ended"
            late = await start(run, grant, room="room-2")
            assert (late.status_code, late.json()["error"]) == (409, "stale_reservation")
        await plant.sound()


async def test_a_call_that_came_without_a_reservation_is_visible_at_once(plant, worker_of) -> None:
    async with plant.api(), worker_of(deployment_name="main") as run:
        await plant.until("w-1", state="idle")
        await asyncio.sleep(0.3)  # in the middle between two beats
        began = time.monotonic()
        assert (await run.client.post("/attach", headers=AUTH, json=ATTACH)).status_code == 200
        seat = await plant.until("w-1", state="busy")
        assert time.monotonic() - began < BEAT_S - 0.5
        assert (seat["client"], seat["reservation_id"]) == ("main", None)


async def test_a_seat_taken_by_such_a_call_moves_its_reservation_to_another_worker(plant, worker_of) -> None:
    """F16: the holder's start is refused here, and finds its seat there."""
    async with plant.api(NOTIFY_WORKERS="false"), worker_of("w-1") as one, worker_of("w-2") as two:
        runs = {"w-1": one, "w-2": two}
        for name in runs:
            await plant.until(name, state="idle")
        async with plant.caller() as registry:
            grant = await registry.reserve(new_reservation_id(), hold=60)
            assert (await runs[grant.worker_id].client.post("/attach", headers=AUTH, json=ATTACH)).status_code == 200
            await plant.until(grant.worker_id, state="busy")
            assert (await start(runs[grant.worker_id], grant, "room-2")).status_code == 409
            moved = await registry.replace(grant, "refused")
            assert moved.worker_id != grant.worker_id
            assert (await start(runs[moved.worker_id], moved, "room-2")).status_code == 200
        await plant.sound()


async def test_an_emptied_store_is_right_again_after_one_round_with_a_call_and_a_reservation_alive(
    plant, worker_of
) -> None:
    """H1, F3: nobody asks the registry for anything, so no call notices."""
    async with plant.api(REBUILD_MS="4000"), worker_of("w-1") as one, worker_of("w-2") as two:
        runs = {"w-1": one, "w-2": two}
        for name in runs:
            await plant.until(name, state="idle")
        async with plant.caller() as registry:
            grant = await registry.reserve(new_reservation_id(), hold=60)
            assert (await start(runs[grant.worker_id], grant)).status_code == 200
            held = await registry.reserve(new_reservation_id(), hold=60)
            await runs[held.worker_id].until(Phase.RESERVED)
            await plant.until(grant.worker_id, state="busy")
            plant.wipe()
            wiped = time.monotonic()
            await plant.until(grant.worker_id, state="busy", reservation_id=grant.reservation_id)
            await plant.until(held.worker_id, state="reserved", reservation_id=held.reservation_id)
            print(f"right again after {time.monotonic() - wiped:.1f} s")
            assert time.monotonic() - wiped < 5 + SLOW_MACHINE_S
            assert (await start(runs[held.worker_id], held, "room-2")).status_code == 200
            assert [run.worker.slot.phase for run in runs.values()] == [Phase.BUSY, Phase.BUSY]
        await plant.sound()


async def test_with_the_registry_killed_starts_and_calls_go_on_and_it_is_right_when_it_is_back(
    plant, worker_of
) -> None:
    """H3, F4: good fences are honoured, calls without one are taken, the call that runs notices nothing."""
    async with worker_of("w-1") as one, worker_of("w-2") as two:
        async with plant.api() as api, plant.caller() as registry:
            for name in ("w-1", "w-2"):
                await plant.until(name, state="idle")
            grant = await registry.reserve(new_reservation_id(), hold=60)
            api.kill()
        holder, other = (one, two) if grant.worker_id == "w-1" else (two, one)
        assert (await start(holder, grant)).status_code == 200
        assert (await other.client.post("/attach", headers=AUTH, json=ATTACH)).status_code == 200
        await hang_up(other)
        await other.until(Phase.IDLE)
        async with plant.api():
            seat = await plant.until(grant.worker_id, state="busy")
            assert seat["reservation_id"] == grant.reservation_id
            await plant.until(other.worker.settings.voxcore_worker_id, state="idle")
            await plant.sound()
        assert holder.worker.slot.phase is Phase.BUSY


async def test_a_second_process_with_the_same_id_takes_the_name_and_the_first_drains(
    plant, worker_of, tmp_path
) -> None:
    """F17: the first keeps its call."""
    async with plant.api(), worker_of("w-1") as first:
        await plant.until("w-1", state="idle")
        assert (await first.client.post("/attach", headers=AUTH, json=ATTACH)).status_code == 200
        await plant.until("w-1", state="busy")
        async with worker_of("w-1") as second:
            async with asyncio.timeout(BEAT_S + SLOW_MACHINE_S):
                while DrainSource.SUPERSEDED not in first.worker.slot.drain_reasons:
                    await asyncio.sleep(0.05)
            assert (first.worker.slot.phase, first.worker.slot.state) == (Phase.BUSY, "draining")
            assert (await plant.until("w-1", state="idle"))["call_id"] is None
            assert second.worker.slot.available == 1
            await hang_up(first)
            assert first.worker.slot.available == 0


@pytest.mark.parametrize("off_h", [1, -1])
async def test_a_worker_whose_clock_is_an_hour_off_takes_good_starts_and_refuses_late_ones(
    off_h: int, plant, worker_of, monkeypatch
) -> None:
    """F14."""
    wall = time.time_ns
    monkeypatch.setattr("voxcore.store_clock.time.time_ns", lambda: wall() + off_h * 3600 * 10**9)
    assert abs(StoreClock().now_ms() - wall() // 10**6) > 3_500_000
    async with plant.api(), worker_of() as run, plant.caller() as registry:
        await plant.until("w-1", state="idle")
        grant = await registry.reserve(new_reservation_id(), hold=30)
        assert (await start(run, grant)).status_code == 200
        await hang_up(run)
        await plant.until("w-1", state="idle")
        short = await registry.reserve(new_reservation_id(), hold=1)
        await run.until(Phase.RESERVED)
        await run.until(Phase.IDLE)
        await asyncio.sleep(1.2)  # the tolerance, by the real clock
        late = await start(run, short, "room-2")
        assert (late.status_code, late.json()["error"]) == (409, "stale_reservation")


async def test_a_caller_that_slept_past_its_deadline_is_refused_and_the_new_owner_is_untouched(
    plant, worker_of
) -> None:
    async with plant.api(), worker_of() as run, plant.caller("sleeper") as sleeper, plant.caller("next") as following:
        await plant.until("w-1", state="idle")
        slept = await sleeper.reserve(new_reservation_id(), hold=1)
        owner = await following.reserve(new_reservation_id(), hold=60, wait=10)  # granted when the other has lapsed
        assert owner.worker_id == slept.worker_id == "w-1"
        async with asyncio.timeout(10):
            while run.worker.slot.reservation_id != owner.reservation_id:
                await asyncio.sleep(0.02)
        refused = await start(run, slept)
        assert (refused.status_code, refused.json()["error"]) == (409, "stale_reservation")
        assert run.worker.slot.reservation_id == owner.reservation_id
        assert (await start(run, owner, "room-2")).status_code == 200
        refused = await start(run, slept)
        assert refused.status_code == 409
        assert run.worker.slot.reservation_id == owner.reservation_id
        await plant.until("w-1", state="busy", reservation_id=owner.reservation_id)
        assert len(run.conversation.calls) <= 1


async def test_a_released_reservation_frees_the_worker_at_once_and_without_notes_after_one_beat(
    plant, worker_of
) -> None:
    """HB2."""
    for notify, within_s in (("true", 1.5), ("false", BEAT_S * 2 + SLOW_MACHINE_S)):
        async with plant.api(NOTIFY_WORKERS=notify), worker_of() as run, plant.caller() as registry:
            await plant.until("w-1", state="idle")
            grant = await registry.reserve(new_reservation_id(), hold=120)
            await run.until(Phase.RESERVED)
            began = time.monotonic()
            await registry.release(grant)
            await run.until(Phase.IDLE)
            assert time.monotonic() - began < within_s


async def test_a_drain_of_the_registry_reaches_a_worker_with_a_call_and_ends_when_it_is_lifted(
    plant, worker_of
) -> None:
    """D1, DR1, DR2: the call goes on; drained when it is over and its result delivered."""
    async with plant.api(), worker_of() as run, plant.caller() as registry:
        await plant.until("w-1", state="idle")
        grant = await registry.reserve(new_reservation_id(), hold=60)
        assert (await start(run, grant)).status_code == 200
        await registry.drain("host:test", "deploy 42", "test")
        async with asyncio.timeout(BEAT_S + SLOW_MACHINE_S):
            while not run.worker.slot.draining:
                await asyncio.sleep(0.05)
        assert (run.worker.slot.phase, run.worker.drained) == (Phase.BUSY, False)
        assert (await run.client.get("/ready")).status_code == 503
        await hang_up(run)
        async with asyncio.timeout(30):
            while not run.worker.drained:
                await asyncio.sleep(0.05)
            while (await plant.ask("/v1/drains"))[0]["drained"] != 1:
                await asyncio.sleep(0.05)
        await registry.undrain("host:test")
        await plant.until("w-1", state="idle")
        assert run.worker.slot.available == 1
        fresh = await registry.reserve(new_reservation_id(), hold=60)
        assert (await start(run, fresh, "room-2")).status_code == 200


async def test_a_reservation_granted_before_the_drain_is_honoured_by_a_draining_worker(plant, worker_of) -> None:
    """D1, with the registry's word of the grant lost: its next answer tells, and only then is the worker drained."""
    async with plant.api(NOTIFY_WORKERS="false"), worker_of() as run, plant.caller() as registry:
        await plant.until("w-1", state="idle")
        grant = await registry.reserve(new_reservation_id(), hold=60)
        answer = (await run.client.post("/drain", headers=AUTH, json={"reason": "deploy 42"})).json()
        assert (answer["phase"], answer["drained"]) == ("idle", False)
        await run.until(Phase.RESERVED)
        assert not run.worker.drained
        assert (await start(run, grant)).status_code == 200


async def test_sigterm_waits_for_a_reservation_that_was_granted_before_and_says_farewell(plant, spawn: Spawn) -> None:
    """D1, H3: the callee is ringing already."""
    async with plant.api(), spawn("w-1", **announced(plant.url)) as child, plant.caller() as registry:
        await plant.until("w-1", state="idle", seconds=120)
        grant = await registry.reserve(new_reservation_id(), hold=60)
        await child.until("reserved")
        child.signal(signal.SIGTERM)
        await child.until("draining")
        link = await child.dial(query=f"/{grant.fence}")
        await child.conversing()
        await link.close()
        assert await child.ended() == 0
        assert await plant.ask("/v1/workers/w-1") == {"error": "unknown", "message": "There is no such seat."}
        mac = grant.fence.rsplit(".", 1)[1]
        assert mac not in child.lines


async def test_sigterm_leaves_at_the_deadline_of_a_reservation_that_nobody_uses(plant, spawn: Spawn) -> None:
    async with plant.api(), spawn("w-1", **announced(plant.url)) as child, plant.caller() as registry:
        await plant.until("w-1", state="idle", seconds=120)
        await registry.reserve(new_reservation_id(), hold=4)
        await child.until("reserved")
        began = time.monotonic()
        child.signal(signal.SIGTERM)
        assert await child.ended() == 0
        assert time.monotonic() - began > 2.5


async def test_each_forked_seat_is_a_worker_of_its_own_to_the_registry(plant, spawn: Spawn) -> None:
    """SE2, SE4: own id, own address, own heartbeat, own fence; a stop of the parent lets every seat say farewell."""
    first = free_run_of_ports(2)
    local = "http://localhost:{port}"
    env = announced(plant.url, first)
    env |= {"SEATS": "2", "VOXCORE_PUBLIC_URL": local, "VOXCORE_DIRECT_URL": local}
    async with plant.api(), spawn("w-1", **env) as parent, plant.caller() as registry:
        for name in ("w-1", "w-2"):
            await plant.until(name, state="idle", seconds=120)
        grants = [await registry.reserve(new_reservation_id(), hold=60) for _ in range(2)]
        assert {(grant.worker_id, grant.lb_url) for grant in grants} == {
            ("w-1", f"http://localhost:{first}"),
            ("w-2", f"http://localhost:{first + 1}"),
        }
        async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
            for mine, other in (grants, reversed(grants)):
                wrong = AUTH | mine.headers
                assert (await client.post(f"{other.lb_url}/attach", headers=wrong, json=ATTACH)).status_code == 409
            for grant in grants:
                body = ATTACH | {"room_name": grant.worker_id, "connected_event": {"lasts_s": 1}}
                answer = await client.post(f"{grant.lb_url}/attach", headers=AUTH | grant.headers, json=body)
                assert answer.status_code == 200
        for name in ("w-1", "w-2"):
            await plant.until(name, state="idle")
        parent.signal(signal.SIGTERM)
        assert await parent.ended() == 0
        assert await plant.ask("/v1/workers") == {"items": [], "cursor": None}
