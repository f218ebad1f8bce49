"""What must hold when processes die, freeze, are emptied, or when the wire between them lies (rows F1 to F19, T6).

Real processes of voxregistry and Valkey; workers and callers live in the test and keep their own rules.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
import redis
from voxctl.children import free_port
from voxctl.embedded import ValkeyServer
from voxkit.errors import AtCapacity, VoxError
from voxkit.registry import RegistryAway, RegistryClient, StartUnknown, new_reservation_id

from .fakefleet import fleet
from .running import HEADERS, SECRET, Api, running

pytestmark = [pytest.mark.faults]

TTL_MS = 3_000
QUICK = {"HEARTBEAT_TTL_MS": str(TTL_MS), "REBUILD_MS": "1500"}


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[ValkeyServer]:
    server = ValkeyServer(free_port(), tmp_path / "valkey")
    server.start()
    server.wait_ready(60)
    yield server
    server.stop()


async def fleet_view(api: Api) -> dict[str, Any]:
    async with api.client() as http:
        return (await http.get("/v1/fleet")).json()


async def until(api: Api, seconds: float = 30, **wanted: Any) -> float:
    """Seconds until the fleet view says this."""
    began, seen = time.monotonic(), dict[str, Any]()
    async with api.client() as http:
        while time.monotonic() - began < seconds:
            with suppress(httpx.TransportError):
                seen = (await http.get("/v1/fleet")).json()
                if all(seen.get(key) == value for key, value in wanted.items()):
                    return time.monotonic() - began
            await asyncio.sleep(0.05)
    raise AssertionError(f"never {wanted}, at last {seen}")


async def sound(api: Api) -> None:
    async with api.client() as http:
        assert (await http.get("/v1/check")).json() == {"ok": True, "findings": []}


@asynccontextmanager
async def caller(api: Api, http: httpx.AsyncClient | None = None) -> AsyncIterator[RegistryClient]:
    registry = RegistryClient(api.url, SECRET, client="main", http=http)
    try:
        yield registry
    finally:
        await registry.aclose()


async def call(registry: RegistryClient, name: str) -> str | None:
    """One whole call; the id of the worker that carries it, or None when there was no seat."""
    with suppress(AtCapacity, RegistryAway):
        async with registry.slot(hold=3, wait=1) as slot:
            reply = await slot.start("/start", json={"name": name}, timeout=3)
            return reply.grant.worker_id
    return None


# --- the registry itself ---------------------------------------------------------------------------------------------


async def test_f1_a_process_killed_in_mid_request_leaves_one_grant_for_one_id(
    valkey: ValkeyServer, tmp_path: Path
) -> None:
    port, draw = free_port(), random.Random(1)
    with running(valkey.uri, tmp_path, port=port, **QUICK) as first:
        async with fleet(first.url, 8, draw):
            await until(first, free=8)
            rids = [new_reservation_id() for _ in range(6)]

            async def ask(rid: str) -> dict[str, Any]:
                """The same request until it is answered."""
                async with httpx.AsyncClient(headers=HEADERS, trust_env=False) as http:
                    async with asyncio.timeout(60):
                        while True:
                            with suppress(httpx.TransportError):
                                answer = await http.put(
                                    f"{first.url}/v1/reservations/{rid}", json={"client": "main", "hold_ms": 60_000}
                                )
                                if answer.status_code < 300:
                                    return answer.json()
                            await asyncio.sleep(0.01)

            asked = [asyncio.create_task(ask(rid)) for rid in rids]
            await asyncio.sleep(0.005)
            first.kill()
            with running(valkey.uri, tmp_path, port=port, **QUICK) as second:
                grants = await asyncio.gather(*asked)
                assert len({grant["worker_id"] for grant in grants}) == len(rids)
                assert (await fleet_view(second))["reserved"] == len(rids)
                await sound(second)


async def test_f2_a_restart_changes_nothing_and_callers_repeats_bridge_it(valkey: ValkeyServer, tmp_path: Path) -> None:
    port = free_port()
    calm = {**QUICK, "HEARTBEAT_TTL_MS": "9000"}  # as it is without these tests: the restart is shorter than that
    async with AsyncExitStack() as stack:
        with running(valkey.uri, tmp_path, port=port, **calm) as first:
            workers, _ = await stack.enter_async_context(fleet(first.url, 4, random.Random(2)))
            await until(first, free=4)
            async with caller(first) as registry:
                grant = await registry.reserve(new_reservation_id(), hold=60)
        with running(valkey.uri, tmp_path, port=port, **calm) as second:
            async with caller(second) as registry:
                view = await registry.read(grant.reservation_id)
                assert (view.state, view.worker_id, view.fence) == ("held", grant.worker_id, grant.fence)
                assert workers[grant.worker_id].start(grant.fence, "one")[0] == 200
                await until(second, busy=1, free=3)
                await sound(second)


async def test_f3_an_emptied_store_is_right_again_within_five_seconds_three_times_in_a_row(
    valkey: ValkeyServer, tmp_path: Path
) -> None:
    with running(valkey.uri, tmp_path, **QUICK) as api, redis.Redis(port=valkey.port) as store:
        async with fleet(api.url, 16, random.Random(3)) as (workers, http), caller(api, http) as registry:
            await until(api, free=16)
            async with api.client() as operator:
                await operator.put("/v1/quotas", json={"client": "main", "max": 12})
            for n in range(10):
                assert await call(registry, f"live-{n}")
            held = await registry.reserve(new_reservation_id(), hold=120)
            await until(api, busy=10, reserved=1, free=5)
            for _ in range(3):
                await asyncio.sleep(0.7)  # longer than one beat: every process has its copy
                store.flushall()
                async with asyncio.timeout(5):
                    await (
                        registry.fleet()
                    )  # any answer tells a caller that the store is a new one: it repeats what it holds
                    await until(api, busy=10, reserved=1, free=5, status="ok")
                    await sound(api)
                    async with api.client() as operator:
                        while not (items := (await operator.get("/v1/quotas")).json()["items"]) or items[0]["used"] < 1:
                            await asyncio.sleep(0.05)
                        assert items[0]["max"] == 12
            assert sum(bool(worker.call) for worker in workers.values()) == 10
            assert (await registry.read(held.reservation_id)).state == "held"


async def test_f4_a_frozen_store_is_503_within_a_second_while_fences_are_honoured(
    valkey: ValkeyServer, tmp_path: Path
) -> None:
    with running(valkey.uri, tmp_path, **QUICK) as api:
        async with fleet(api.url, 4, random.Random(4)) as (workers, http), caller(api, http) as registry:
            await until(api, free=4)
            grant = await registry.reserve(new_reservation_id(), hold=60)
            os.kill(valkey.pid or 0, signal.SIGSTOP)
            try:
                async with api.client() as operator:
                    began = time.monotonic()
                    body = {"client": "main", "hold_ms": 1_000}  # the frozen store may do it when it wakes
                    answer = await operator.put("/v1/reservations/r-another1", json=body)
                    assert time.monotonic() - began < 2  # one second, and a slow machine
                    assert (answer.status_code, answer.json()["error"]) == (503, "store_unavailable")
                    assert (await operator.get("/health")).status_code == 503
                    assert workers[grant.worker_id].start(grant.fence, "one")[0] == 200
            finally:
                os.kill(valkey.pid or 0, signal.SIGCONT)
            await until(api, busy=1, free=3, lost=0)
            await sound(api)


async def test_a_killed_store_that_comes_back_empty_is_healed_by_one_round_of_heartbeats(
    valkey: ValkeyServer, tmp_path: Path
) -> None:
    with running(valkey.uri, tmp_path, **QUICK) as one, running(valkey.uri, tmp_path, **QUICK) as two:
        async with fleet(one.url, 8, random.Random(5)) as (workers, http), caller(two, http) as registry:
            await until(one, free=8)
            for n in range(3):
                assert await call(registry, f"live-{n}")
            await until(two, busy=3)
            valkey.kill()
            await asyncio.sleep(0.5)
            valkey.start()
            valkey.wait_ready(60)
            assert await until(two, busy=3, free=5, status="ok") < 10
            await sound(one)
            assert sum(bool(worker.call) for worker in workers.values()) == 3


# --- workers ---------------------------------------------------------------------------------------------------------


async def test_f6_a_killed_workers_reservation_moves_and_its_call_ends(valkey: ValkeyServer, tmp_path: Path) -> None:
    with running(valkey.uri, tmp_path, **QUICK) as api:
        async with fleet(api.url, 4, random.Random(6)) as (workers, http), caller(api, http) as registry:
            await until(api, free=4)
            carrier = await call(registry, "live")
            grant = await registry.reserve(new_reservation_id(), hold=60)
            await until(api, busy=1, reserved=1)
            for name in (str(carrier), grant.worker_id):
                workers[name].cut = True
            await until(api, lost=2, busy=0, reserved=1, free=1, seconds=TTL_MS / 1000 + 10)
            moved = await registry.read(grant.reservation_id)
            assert moved.state == "held"
            assert moved.worker_id not in (carrier, grant.worker_id)
            workers[str(carrier)].reboot()
            workers[str(carrier)].cut = False
            await until(api, lost=1, free=2)
            await sound(api)


async def test_f7_a_frozen_worker_comes_back_with_its_call_and_refuses_a_start_that_overslept(
    valkey: ValkeyServer, tmp_path: Path
) -> None:
    with running(valkey.uri, tmp_path, **QUICK) as api:
        async with fleet(api.url, 2, random.Random(7)) as (workers, http), caller(api, http) as registry:
            await until(api, free=2)
            carrier = str(await call(registry, "live"))
            grant = await registry.reserve(new_reservation_id(), hold=2)
            for worker in workers.values():
                worker.frozen = True
            await until(api, lost=2, seconds=TTL_MS / 1000 + 10)
            await asyncio.sleep(1)
            assert workers[grant.worker_id].start(grant.fence, "too late")[0] == 409
            for worker in workers.values():
                worker.frozen = False
            await until(api, lost=0, busy=1, free=1)
            assert workers[carrier].call
            await sound(api)


async def test_f8_a_worker_cut_off_from_the_registry_takes_its_start_and_is_adopted_when_it_is_back(
    valkey: ValkeyServer, tmp_path: Path
) -> None:
    with running(valkey.uri, tmp_path, **QUICK) as api:
        async with fleet(api.url, 2, random.Random(8)) as (workers, http), caller(api, http) as registry:
            await until(api, free=2)
            grant = await registry.reserve(new_reservation_id(), hold=60)
            workers[grant.worker_id].frozen = True  # it hears callers, but its own words do not arrive
            await until(api, lost=1, reserved=1, seconds=TTL_MS / 1000 + 10)
            assert workers[grant.worker_id].start(grant.fence, "one")[0] == 200
            workers[grant.worker_id].frozen = False
            await until(api, lost=0, busy=1, reserved=0, free=1)
            assert (await registry.read(grant.reservation_id)).worker_id == grant.worker_id
            await sound(api)


async def test_f9_a_worker_cut_off_from_callers_is_replaced_within_the_same_start(
    valkey: ValkeyServer, tmp_path: Path
) -> None:
    with running(valkey.uri, tmp_path, **QUICK) as api:
        async with fleet(api.url, 3, random.Random(9)) as (workers, http), caller(api, http) as registry:
            await until(api, free=3)
            async with registry.slot(hold=30) as slot:
                first = slot.grant.worker_id
                workers[first].cut = True
                reply = await slot.start("/start", json={"name": "one"})
            assert reply.grant.worker_id != first
            await until(api, busy=1)


async def test_f13_holders_that_die_leave_no_seat_behind(valkey: ValkeyServer, tmp_path: Path) -> None:
    with running(valkey.uri, tmp_path, **QUICK) as api:
        async with fleet(api.url, 16, random.Random(10)) as (workers, http):
            await until(api, free=16)
            async with caller(api) as registry:
                grants = [await registry.reserve(new_reservation_id(), hold=2) for _ in range(16)]
            assert workers[grants[0].worker_id].start(grants[0].fence, "one")[0] == 200
            await until(api, free=15, busy=1, seconds=2 + 1 + 10)
            late = (await fleet_view(api))["now_ms"] - max(_deadline_ms(grant.fence) for grant in grants)
            assert late < 1_000 + 3_000  # a second of tolerance, and a slow machine
            await sound(api)
            assert http


def _deadline_ms(fence: str) -> int:
    return int(fence.split(".")[4])


# --- clocks and wires ------------------------------------------------------------------------------------------------


async def test_f14_clocks_that_are_an_hour_off_change_nothing(
    valkey: ValkeyServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hour_ms = 3_600_000
    with running(valkey.uri, tmp_path, **QUICK) as api:
        async with (
            fleet(api.url, 8, random.Random(11), skew_ms=hour_ms) as (workers, http),
            caller(api, http) as registry,
        ):
            await until(api, free=8)
            await asyncio.sleep(1)
            for off in (hour_ms / 1000, -hour_ms / 1000):
                real = time.time
                monkeypatch.setattr(time, "time", lambda real=real, off=off: real() + off)
                for n in range(4):
                    assert await call(registry, f"call-{off}-{n}")
                monkeypatch.undo()
            assert [worker.refused for worker in workers.values()] == [[]] * 8
            await until(api, busy=8)
            await sound(api)


@pytest.mark.parametrize("seed", [1, 2])
async def test_f10_f11_f12_a_wire_that_delays_drops_and_doubles_puts_no_two_calls_anywhere(
    valkey: ValkeyServer, tmp_path: Path, seed: int
) -> None:
    draw = random.Random(seed)
    seconds = float(os.environ.get("VOXREGISTRY_FAULT_SECONDS", "12"))
    outcomes: Counter[str] = Counter()
    with running(valkey.uri, tmp_path, **QUICK) as one, running(valkey.uri, tmp_path, **QUICK) as two:
        async with fleet(one.url, 12, draw, bad=0.15) as (workers, http), caller(two, http) as registry:
            await until(one, free=12)
            until_s = time.monotonic() + seconds

            async def holder(number: int) -> None:
                n = 0
                while time.monotonic() < until_s:
                    n += 1
                    try:
                        async with registry.slot(hold=3, wait=1, priority="outbound") as slot:
                            reply = await slot.start("/start", json={"name": f"{number}-{n}"}, timeout=2)
                    except StartUnknown:
                        outcomes["unknown"] += 1
                        continue
                    except VoxError as error:
                        outcomes[error.wire_code] += 1
                        continue
                    outcomes["started"] += 1
                    await asyncio.sleep(draw.random() * 0.5)
                    if draw.random() < 0.1:
                        workers[reply.grant.worker_id].reboot()
                    elif draw.random() < 0.95:
                        workers[reply.grant.worker_id].hang_up()

            await asyncio.gather(*(holder(number) for number in range(16)))
            for worker in workers.values():
                if worker.call:
                    worker.hang_up()
            await until(one, seconds=60, free=12, lost=0)
            await sound(two)
            text = (
                httpx.get(f"{one.url}/metrics", trust_env=False).text
                + httpx.get(f"{two.url}/metrics", trust_env=False).text
            )
    print(dict(outcomes), Counter(reason for worker in workers.values() for reason in worker.refused))
    assert outcomes["started"] > seconds, outcomes
    # One reservation, one worker, one call: whatever was doubled, late or lost on the way.
    starts = [(rid, worker.worker_id) for worker in workers.values() for rid, _ in worker.carried]
    assert len({rid for rid, _ in starts}) == len(starts)
    assert "voxregistry_double_start_total 0.0" in text
    assert not any(
        line.startswith("voxregistry_double_start_total") and not line.endswith(" 0.0") for line in text.splitlines()
    )


async def test_f19_a_reader_that_reads_nothing_holds_nobody_up(valkey: ValkeyServer, tmp_path: Path) -> None:
    with running(valkey.uri, tmp_path, **QUICK) as api:
        reader, writer = await asyncio.open_connection("127.0.0.1", api.port)
        writer.write(f"GET /v1/events HTTP/1.1\r\nHost: x\r\nX-VoxCore-Secret: {SECRET}\r\n\r\n".encode())
        await writer.drain()
        async with fleet(api.url, 4, random.Random(12)) as (_, http), caller(api, http) as registry:
            await until(api, free=4)
            slowest = 0.0
            for _ in range(300):
                began = time.monotonic()
                grant = await registry.reserve(new_reservation_id())
                await registry.release(grant)
                slowest = max(slowest, time.monotonic() - began)
            assert slowest < 2
        writer.close()
        assert reader
