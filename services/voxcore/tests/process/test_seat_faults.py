"""Workers killed and frozen while a real registry hands their seats out: never two calls on one (T2, F6, F7)."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import time
from collections import Counter
from contextlib import AsyncExitStack

import httpx
import pytest
from registry_plant import RegistryPlant
from voxcore_children import Child, Spawn, announced
from voxcore_fakes import SECRET
from voxkit.errors import VoxError
from voxkit.registry import Grant, StartUnknown, new_reservation_id

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]

AUTH = {"X-VoxCore-Secret": SECRET}
NOTICED_S = 10.0
READY_S = 120
STORM_S = float(os.environ.get("VOXCORE_STORM_SECONDS", "45"))


def attach(room: str, lasts_s: float = 60) -> dict[str, object]:
    return {"room_name": room, "bot_id": "demo", "connected_event": {"lasts_s": lasts_s}}


async def start(grant: Grant, room: str, timeout_s: float = 30) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False, timeout=timeout_s) as client:
        return await client.post(f"{grant.lb_url}/attach", headers=AUTH | grant.headers, json=attach(room))


def begun(children: list[Child]) -> list[str]:
    """The reservation of every call that began with one, over all lives of these workers."""
    found: list[str] = []
    for line in "".join(path.read_text() for path in {child.log for child in children}).splitlines():
        entry = json.loads(line) if line.startswith("{") else {}
        if entry.get("event") == "slot.changed" and entry.get("after") == "busy" and "reservation_id" in entry:
            found.append(entry["reservation_id"])
    return found


async def test_f6_a_killed_worker_is_noticed_and_its_reservation_moved_and_its_next_life_refuses_the_old_fence(
    plant: RegistryPlant, spawn: Spawn
) -> None:
    env = announced(plant.url)
    async with plant.api(), spawn("w-1", **env) as one, plant.caller() as registry:
        await plant.until("w-1", state="idle", seconds=READY_S)
        first = await registry.reserve(new_reservation_id(), hold=120)
        await one.until("reserved")
        async with spawn("w-2", **announced(plant.url)) as two:
            await plant.until("w-2", state="idle", seconds=READY_S)
            one.process.kill()
            killed = time.monotonic()
            await plant.until("w-1", state="lost")
            noticed = time.monotonic() - killed
            print(f"noticed after {noticed:.1f} s")
            assert noticed <= NOTICED_S
            moved = await registry.replace(first, "unreachable")
            assert moved.worker_id == "w-2"
            async with spawn("w-1", **env) as again:
                await plant.until("w-1", state="idle", seconds=READY_S)
                refused = await start(first, "room-1")
                assert (refused.status_code, refused.json()["error"]) == (409, "stale_reservation")
                assert (await start(moved, "room-1")).status_code == 200
                await plant.until("w-2", state="busy", reservation_id=first.reservation_id)
                assert (await again.health())["state"] == "idle"
                await plant.sound()
            assert begun([one, two]) == [first.reservation_id]


async def test_f7_a_worker_frozen_past_the_deadline_refuses_the_start_that_waited_in_its_socket(
    plant: RegistryPlant, spawn: Spawn
) -> None:
    """The seat that the registry gave in its stead has the call, and nobody touches it."""
    async with plant.api(), plant.caller() as registry, AsyncExitStack() as stack:
        children = {
            name: await stack.enter_async_context(spawn(name, **announced(plant.url))) for name in ("w-1", "w-2")
        }
        for name in children:
            await plant.until(name, state="idle", seconds=READY_S)
        grant = await registry.reserve(new_reservation_id(), hold=5)
        frozen = children[grant.worker_id]
        await frozen.until("reserved")
        frozen.signal(signal.SIGSTOP)
        stopped = time.monotonic()
        asleep = asyncio.create_task(start(grant, "room-1"))
        owner = await registry.reserve(new_reservation_id(), hold=60)
        assert owner.worker_id != grant.worker_id
        assert (await start(owner, "room-2")).status_code == 200
        await plant.until(grant.worker_id, state="lost")
        assert time.monotonic() - stopped <= NOTICED_S
        frozen.signal(signal.SIGCONT)
        late = await asleep
        assert (late.status_code, late.json()["error"]) == (409, "stale_reservation")
        await plant.until(grant.worker_id, state="idle")
        await plant.until(owner.worker_id, state="busy", reservation_id=owner.reservation_id)
        assert begun(list(children.values())) == [owner.reservation_id]
        await plant.sound()


async def test_f7_a_worker_frozen_in_its_call_is_lost_and_comes_back_with_it(
    plant: RegistryPlant, spawn: Spawn
) -> None:
    async with plant.api(), plant.caller() as registry, spawn("w-1", **announced(plant.url)) as child:
        await plant.until("w-1", state="idle", seconds=READY_S)
        grant = await registry.reserve(new_reservation_id(), hold=30)
        call = (await start(grant, "room-1")).json()
        await plant.until("w-1", state="busy")
        child.signal(signal.SIGSTOP)
        await plant.until("w-1", state="lost")
        child.signal(signal.SIGCONT)
        seat = await plant.until("w-1", state="busy", call_id=call["call_id"])
        # Its reservation ended when it was lost; the call counts for the same client without it.
        assert (seat["client"], (await registry.read(grant.reservation_id)).state) == ("main", "ended")
        assert (await child.health())["worker_calls"] == 1
        await plant.sound()


async def test_t2_a_storm_of_kills_freezes_and_outages_never_puts_two_calls_on_a_worker_or_one_reservation_on_two(
    plant: RegistryPlant, spawn: Spawn
) -> None:
    """Four workers, twelve callers. The slot's table knows no way from a call to a second one; the logs are read."""
    seed = int(os.environ.get("VOXCORE_STORM_SEED", "7"))
    draw = random.Random(seed)
    outcomes: Counter[str] = Counter()
    envs = {f"w-{number}": announced(plant.url) for number in range(1, 5)}
    alive: dict[str, Child] = {}
    logs: list[Child] = []
    async with AsyncExitStack() as stack:
        api = await stack.enter_async_context(plant.api())

        async def boot(name: str) -> None:
            alive[name] = await stack.enter_async_context(spawn(name, **envs[name]))
            logs.append(alive[name])

        for name in envs:
            await boot(name)
        for name in envs:
            await plant.until(name, state="idle", seconds=READY_S)
        registry = await stack.enter_async_context(plant.caller())
        until_s = time.monotonic() + STORM_S

        async def caller(number: int) -> None:
            for turn in range(10_000):
                if time.monotonic() > until_s:
                    return
                try:
                    async with registry.slot(hold=draw.choice([1, 3, 10]), wait=2) as slot:
                        await asyncio.sleep(draw.choice([0, 0, 0, 1.5, 4]))
                        body = attach(f"room-{number}-{turn}", lasts_s=draw.choice([0.1, 1, 5]))
                        await slot.start("/attach", json=body, timeout=3)
                        outcomes["started"] += 1
                except StartUnknown:
                    outcomes["unknown"] += 1
                except VoxError as error:
                    outcomes[error.wire_code] += 1
                    await asyncio.sleep(0.2)

        async def trouble() -> None:
            while time.monotonic() < until_s:
                await asyncio.sleep(draw.uniform(1, 4))
                name = draw.choice(list(envs))
                what = draw.choice(["kill", "freeze", "freeze", "freeze", "wipe", "registry"])
                outcomes[f"({what})"] += 1
                if what == "kill":
                    alive[name].process.kill()
                    await alive[name].process.wait()
                    await boot(name)
                elif what == "freeze":
                    alive[name].signal(signal.SIGSTOP)
                    await asyncio.sleep(draw.choice([1, 4, 11]))
                    alive[name].signal(signal.SIGCONT)
                elif what == "wipe":
                    plant.wipe()
                else:
                    api.process.send_signal(signal.SIGSTOP)
                    await asyncio.sleep(2)
                    api.process.send_signal(signal.SIGCONT)

        await asyncio.gather(trouble(), *(caller(number) for number in range(12)))
        for name in envs:
            await plant.until(name, state="idle", seconds=READY_S)
        await plant.sound()
    print(seed, dict(outcomes))
    began = begun(logs)
    assert outcomes["started"] > STORM_S / 2
    assert outcomes["started"] <= len(began)
    twice = {rid: count for rid, count in Counter(began).items() if count > 1}
    assert not twice, twice
    for child in logs:
        phases = [
            (entry["before"], entry["after"])
            for line in child.lines.splitlines()
            if line.startswith("{") and (entry := json.loads(line))["event"] == "slot.changed"
        ]
        assert not [pair for pair in phases if pair[1] == "busy" and pair[0] not in ("idle", "reserved")]
