"""What happens seldom: a store that is away at the start, a clock that jumps, a reader that is late."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import redis
from prometheus_client import Gauge
from redis.exceptions import ConnectionError as RedisConnectionError
from voxctl.children import free_port
from voxctl.embedded import ValkeyServer
from voxkit import sse
from voxkit.errors import StoreUnavailable
from voxkit.sse import EventStream
from voxregistry import events, pools
from voxregistry.app import Registry
from voxregistry.events import History, stream
from voxregistry.metrics import Metrics
from voxregistry.notify import Notifier
from voxregistry.settings import RegistrySettings

from .running import EPOCH, SECRET
from .served import Served, Start

pytestmark = [pytest.mark.integration]


async def test_a_store_that_is_away_at_the_start_is_waited_for(tmp_path: Path) -> None:
    valkey = ValkeyServer(free_port(), tmp_path / "valkey")
    registry = Registry(RegistrySettings(registry_redis_url=valkey.uri, voxcore_secret=SECRET, _env_file=None))
    async with registry.running():
        on = Served(registry, redis.Redis(port=valkey.port))
        assert (await on.ask("GET", "/ready"))[0] == 503
        assert (await on.ask("GET", "/health"))[0] == 503
        await asyncio.sleep(0.3)
        valkey.start()
        valkey.wait_ready(60)
        await on.until(lambda: registry.core.ready)
        assert (await on.ask("GET", "/ready"))[0] == 200
        await on.http.aclose()
    valkey.stop()


async def test_a_confirmed_reservation_whose_seat_is_unknown_has_no_fence(start: Start) -> None:
    on = await start()
    await on.beat("h1-1")
    await on.grant("r-first-1")
    await on.beat("h1-1", "busy", call_id="c")
    body = {"worker_id": "h9-9", "epoch": EPOCH}
    status, said = await on.ask("POST", "/v1/reservations/r-first-1/confirm", body)
    assert (status, said["state"], said["worker_id"], "fence" in said) == (200, "confirmed", "h9-9", False)


async def test_what_workers_do_wrong_is_counted(start: Start) -> None:
    on = await start()
    await on.beat("h1-1", "busy", call_id="c-1", reservation_id="r-first-1")
    await on.beat("h1-2", "busy", call_id="c-2", reservation_id="r-first-1")
    await on.beat("h1-1", "starting")
    await on.beat("h1-1", seq=1)
    await on.beat("h1-1", instance_id="second-life")
    await on.beat("h1-1")
    text = (await on.http.get("/metrics")).text
    for line in (
        "voxregistry_double_start_total 1.0", "voxregistry_illegal_total 1.0", "voxregistry_superseded_total 1.0",
        'voxregistry_heartbeats_total{result="ignored"} 1.0', 'voxregistry_heartbeats_total{result="illegal"} 1.0',
        'voxregistry_over_total{reason="worker_restarted",state="ended"} 1.0',
    ):  # fmt: skip
        assert line in text, line


async def test_what_holders_do_is_counted(start: Start) -> None:
    on = await start()
    await on.beat("h1-1")
    await on.beat("h2-1")
    grant = await on.grant("r-first-1")
    body = {"worker_id": grant["worker_id"], "epoch": EPOCH, "reason": "unreachable"}
    await on.ask("POST", "/v1/reservations/r-first-1/replace", body)
    await on.ask("DELETE", "/v1/reservations/r-first-1")
    text = (await on.http.get("/metrics")).text
    for line in (
        'voxregistry_replace_total{reason="unreachable"} 1.0',
        'voxregistry_over_total{reason="released",state="released"} 1.0',
        'voxregistry_hold_seconds_count{outcome="released"} 1.0',
        'voxregistry_grants_total{priority="outbound"} 2.0',
    ):
        assert line in text, line


async def test_a_limit_that_is_none_is_no_figure(start: Start) -> None:
    on = await start()
    await on.ask("PUT", "/v1/quotas", {"client": "main", "min": 1})
    text = (await on.http.get("/metrics")).text
    assert 'voxregistry_quota_limit{client="main",kind="min",pool="default"} 1.0' in text
    assert 'kind="max"' not in text


async def test_several_processes_give_one_page_of_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    assert b"voxregistry_free_seats" in Metrics().page({})


async def test_tm3_a_jump_of_the_stores_clock_is_counted_and_nothing_else(start: Start) -> None:
    on = await start()
    pool = on.registry.pools.of("default")
    await on.until(lambda: pool.clock)
    pool.clock = (pool.clock[0], pool.clock[1] - 3_600_000)
    async with asyncio.timeout(20):
        while "voxregistry_clock_jumps_total 1.0" not in (await on.http.get("/metrics")).text:
            await asyncio.sleep(0.05)


async def test_the_check_runs_by_itself_and_its_findings_are_a_figure(
    start: Start,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pools, "CHECK_EVERY_S", 0.1)
    on = await start()
    await on.beat("h1-1")
    on.store.sadd("vox1:{default}:free", "nobody", "nobody-else")
    await on.until(lambda: on.registry.pools.of("default").findings == 2)
    on.store.srem("vox1:{default}:free", "nobody", "nobody-else")
    await on.until(lambda: on.registry.pools.of("default").findings == 0)


async def test_the_check_goes_through_a_large_pool_slice_by_slice(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pools, "CHECKED_AT_ONCE", 1)
    on = await start()
    slices: list[str] = []
    on.registry.store.watchers.append(lambda _, step, reply, __: step == "check" and slices.append(reply.out["cursor"]))
    for n in range(300):  # the store looks at 200 keys or so at a time
        await on.ask("PUT", f"/v1/reservations/r-waits-{n:03}", {"client": "main", "wait_ms": 60_000})
    on.store.sadd("vox1:{default}:free", "nobody")
    slices.clear()
    status, said = await on.ask("GET", "/v1/check")
    assert (status, said) == (200, {"ok": False, "findings": ["free holds nobody, which no record implies"]})
    assert slices[0] != "0"
    other = await start()  # whose own check, slice by slice as well, begins with it
    await other.until(lambda: other.registry.pools.of("default").findings == 1)


async def test_qu5_quotas_and_drains_both_outlive_a_wipe_whoever_sees_it_first(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Restoring a quota makes the process look at the store again; it must not take what it finds there half-way."""
    monkeypatch.setattr(pools, "SWEEP_S", 3_600)
    on = await start()
    pool = on.registry.pools.of("default")
    for n in range(5):
        await on.ask("PUT", "/v1/quotas", {"client": f"client-{n}", "max": n})
        await on.ask("POST", "/v1/drain", {"selector": f"host:h{n}"})
    await on.until(lambda: (len(pool.quotas), len(pool.drains)) == (5, 5))
    for first in ("remember", "anybody"):
        on.store.flushall()
        if first == "remember":
            await on.registry.pools._remember("default", pool)
        else:
            await on.ask("GET", "/v1/fleet")
        async with asyncio.timeout(20):
            while len((await on.ask("GET", "/v1/quotas"))[1]["items"]) < 5:
                await asyncio.sleep(0.01)
            while len((await on.ask("GET", "/v1/drains"))[1]) < 5:
                await asyncio.sleep(0.01)


async def test_pools_that_the_store_knows_are_swept_from_the_start(start: Start) -> None:
    on = await start()
    await on.beat("h1-1", pool="blue")
    other = await start()
    await other.until(lambda: "blue" in other.registry.pools.names)


async def test_what_lapses_is_told_though_nobody_asks(start: Start) -> None:
    on = await start()
    await on.beat("h1-1")
    await on.grant("r-first-1", hold_ms=1_000)
    key = "vox1:{default}:events"
    await on.until(lambda: any(b"reservation.expired" in fields[b"e"] for _, fields in on.store.xrange(key)))
    assert "voxregistry_settle_lag_seconds_count" in (await on.http.get("/metrics")).text


async def test_a_restore_that_fails_is_made_again_with_the_next_reply(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    on = await start()
    await on.ask("PUT", "/v1/quotas", {"client": "main", "max": 3})
    pool = on.registry.pools.of("default")
    await on.until(lambda: "main" in pool.quotas)
    real, failed = on.registry.store.step, asyncio.Event()

    async def step(name: str, where: str, args: Any) -> Any:
        if name == "quota" and not failed.is_set():
            failed.set()
            raise StoreUnavailable()
        return await real(name, where, args)

    monkeypatch.setattr(on.registry.store, "step", step)
    on.store.flushall()
    await on.until(lambda: on.store.hexists("vox1:{default}:quota", "main"))
    assert failed.is_set()


# --- words to workers ------------------------------------------------------------------------------------------------


async def test_a_seat_without_an_address_is_told_nothing_and_what_is_not_sent_is_dropped_at_the_end(
    start: Start,
) -> None:
    sent: list[str] = []

    async def slow(request: httpx.Request) -> httpx.Response:
        sent.append(request.url.path)
        await asyncio.sleep(60)
        return httpx.Response(200)

    http = httpx.AsyncClient(transport=httpx.MockTransport(slow))
    registry = (await start()).registry
    notifier = Notifier(SECRET, http, registry.store, registry.metrics)
    note = {"call": "unreserve", "worker_id": "h1-1", "reservation_id": "r-first-1", "epoch": 1, "deadline_ms": 1}
    notifier.send("default", {**note, "url": ""})
    notifier.send("default", {**note, "url": "http://h1"})
    notifier.send("default", {**note, "url": "http://h1"})
    await asyncio.sleep(0.01)
    await notifier.close()
    await http.aclose()
    assert sent == ["/unreserve"]


async def test_a_seat_that_refuses_while_the_store_is_away_keeps_its_reservation(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    async def away(name: str, *_: Any) -> Any:
        asked.append(name)
        raise StoreUnavailable()

    registry = (await start()).registry
    monkeypatch.setattr(registry.store, "step", away)
    http = httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(409)))
    notifier = Notifier(SECRET, http, registry.store, registry.metrics)
    note = {"call": "reserve", "worker_id": "h1-1", "reservation_id": "r-first-1", "epoch": 1, "deadline_ms": 1}
    await notifier._one("default", {**note, "url": "http://h1"})
    await http.aclose()
    assert "replace" in asked


# --- events ----------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def messages(on: Served, last_id: str | None = None) -> AsyncIterator[AsyncIterator[bytes]]:
    # An empty store gets its generation from the first step, and that is an event: let it be one of before.
    await on.registry.store.step("read", "default", {"what": "counts"})
    told = stream(on.registry.core, "default", last_id, frozenset(), {})
    try:
        yield told
    finally:
        await told.aclose()


async def test_a_quiet_stream_says_that_it_is_still_there(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "COMMENT_S", 0.05)
    on = await start()
    async with messages(on) as told:
        assert b"event: hello" in await anext(told)
        assert await anext(told) == b": still here\n\n"


async def test_a_reader_that_is_slower_than_what_happens_is_told_to_start_over(
    start: Start,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(events, "PAGE", 2)
    on = await start()
    key = "vox1:{default}:events"
    async with messages(on) as told:
        await anext(told)
        for n in range(4):
            on.store.xadd(key, {"e": json.dumps([["quota.set", {"client": f"c{n}"}]])})
        assert b"c0" in await anext(told)
        on.store.xtrim(key, maxlen=1, approximate=False)
        assert b"c1" in await anext(told)
        assert b"event: reset" in await anext(told)
        assert b"c3" in await anext(told)


@pytest.mark.parametrize("last_id", ["nonsense", "1-x", "99999999999999-0"])
async def test_an_id_that_is_none_or_from_another_store_is_answered_with_reset(start: Start, last_id: str) -> None:
    on = await start()
    await on.beat("h1-1")
    async with messages(on, last_id) as told:
        assert b"event: hello" in await anext(told)
        assert b"event: reset" in await anext(told)


async def test_a_stream_ends_when_the_store_is_away(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    on = await start()

    async def away(*_: Any, **__: Any) -> Any:
        raise RedisConnectionError()

    monkeypatch.setattr(on.registry.store.redis, "xrange", away)
    with pytest.raises(StoreUnavailable):
        await History(on.registry.core, "default").ends()
    answer = await on.http.get("/v1/events")
    assert (answer.status_code, answer.text) == (200, "")


async def test_f19_a_reader_that_takes_nothing_for_too_long_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "SLOW_READER_S", 0.05)

    async def endless() -> AsyncGenerator[bytes]:
        while True:
            yield b"x"

    async def receive() -> Any:
        await asyncio.sleep(60)

    async def send(message: Any) -> None:
        if message["type"] == "http.response.body":
            await asyncio.sleep(60)

    gauge = Gauge("open_streams", "", registry=None)
    async with asyncio.timeout(10):
        await EventStream(endless(), gauge)({"type": "http"}, receive, send)


async def test_a_reader_that_leaves_is_forgotten(start: Start) -> None:
    on = await start()
    parts: list[Any] = []

    async def receive() -> Any:
        await asyncio.sleep(0.01)
        return {"type": "http.disconnect" if len(parts) > 1 else "http.request"}

    async def send(message: Any) -> None:
        parts.append(message)

    gauge = Gauge("open_streams_2", "", registry=None)
    async with asyncio.timeout(10):
        await EventStream(stream(on.registry.core, "default", None, frozenset(), {}), gauge)(
            {"type": "http"}, receive, send
        )
    await on.until(lambda: not on.registry.pools.of("default").listeners)


async def test_one_who_stops_waiting_leaves_the_others_waiting(start: Start) -> None:
    on = await start()
    known = "/v1/reservations/r-first-1?state=waiting&position=1"
    await on.ask("PUT", "/v1/reservations/r-first-1", {"client": "main", "wait_ms": 60_000})
    stays = asyncio.create_task(on.ask("GET", f"{known}&wait_ms=30000"))
    assert (await on.ask("GET", f"{known}&wait_ms=50"))[1]["state"] == "waiting"
    assert len(on.registry.pools.of("default").listeners["r-first-1"]) == 1
    await on.beat("h1-1")
    async with asyncio.timeout(20):
        assert (await stays)[1]["state"] == "held"


async def test_reading_events_survives_a_store_that_goes_away(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    on = await start()
    store = on.registry.store.redis
    real, failed = store.xread, asyncio.Event()

    async def once_away(*args: Any, **options: Any) -> Any:
        if not failed.is_set():
            failed.set()
            raise RedisConnectionError()
        return await real(*args, **options)

    monkeypatch.setattr(store, "xread", once_away)
    await on.ask("PUT", "/v1/reservations/r-first-1", {"client": "main", "wait_ms": 60_000})
    poll = asyncio.create_task(on.ask("GET", "/v1/reservations/r-first-1?wait_ms=30000&state=waiting&position=1"))
    await failed.wait()
    await on.beat("h1-1")
    async with asyncio.timeout(20):
        assert (await poll)[1]["state"] == "held"


async def test_what_still_runs_beside_is_ended_at_the_stop(start: Start) -> None:
    on = await start()
    pools = on.registry.pools
    await on.until(lambda: pools.of("default").generation and not pools._tasks)  # what the start itself began
    beside = pools._tasks.start(asyncio.sleep(3_600))
    async with asyncio.timeout(5):
        await pools.close()
    assert beside.cancelled()
    assert not pools._tasks
