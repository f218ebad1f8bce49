"""What must be refused, shed, restored or said to workers, and when the store is away (F4, F5, HB3, QU5)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import redis
from voxctl.embedded import ValkeyServer
from voxkit.errors import ConfigurationError
from voxregistry.app import Registry
from voxregistry.settings import RegistrySettings, read_config

from .running import SECRET
from .served import Served, Start

pytestmark = [pytest.mark.integration]


# --- what is not valid -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "body", "where"),
    [
        ("PUT", "/v1/reservations/short", {"client": "main"}, "id"),
        ("PUT", "/v1/reservations/r-first-1", {"client": "Not One"}, "client"),
        ("PUT", "/v1/reservations/r-first-1", {"client": "main", "hold_ms": 999}, "hold_ms"),
        ("PUT", "/v1/reservations/r-first-1", {"client": "main", "hold_ms": 180_001}, "hold_ms"),
        ("PUT", "/v1/reservations/r-first-1", {"client": "main", "wait_ms": 60_001}, "wait_ms"),
        ("PUT", "/v1/reservations/r-first-1", {"client": "main", "priority": "urgent"}, "priority"),
        ("POST", "/v1/reservations/r-first-1/confirm", {"worker_id": "h1-1"}, "epoch"),
        ("POST", "/v1/reservations/r-first-1/replace", {"worker_id": "h1-1", "epoch": 1, "reason": "mood"}, "reason"),
        ("PUT", "/v1/workers", {"workers": []}, "workers"),
        ("GET", "/v1/workers?limit=1001", None, "limit"),
        ("PUT", "/v1/quotas", {"client": "main", "weight": 0}, "weight"),
    ],
)  # fmt: skip
async def test_what_is_not_valid_is_422_and_names_the_field_but_not_the_value(
    start: Start, method: str, path: str, body: Any, where: str
) -> None:
    on = await start()
    status, said = await on.ask(method, path, body)
    assert (status, said["error"]) == (422, "invalid_request")
    assert where in said["detail"][0]["loc"]
    assert "Not One" not in json.dumps(said)


async def test_bodies_have_a_limit_and_an_unknown_path_is_404(start: Start) -> None:
    on = await start()
    kib = 1024
    for path, body, limit in (
        ("/v1/reservations/r-first-1", b'{"client":"Not One"}', 64 * kib),
        ("/v1/quotas", b'{"client":"Not One"}', 64 * kib),
        ("/v1/workers", b'{"workers":[]}', 512 * kib),  # of a whole host
    ):
        for size, said in ((limit, (422, "invalid_request")), (limit + 1, (413, "too_large"))):
            answer = await on.http.put(path, content=body.ljust(size), headers={"Content-Type": "application/json"})
            assert (answer.status_code, answer.json()["error"]) == said, (path, size)
    assert (await on.ask("GET", "/v1/nothing"))[0] == 404
    assert (await on.ask("PUT", "/v2/workers", {}))[0] == 404
    assert (await on.ask("PATCH", "/v1/reservations/r-first-1", {}))[0] == 405

    async def in_parts() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield b'{"client":"main"'
        yield b"}"

    assert (await on.http.put("/v1/reservations/r-first-1", content=in_parts())).status_code == 422

    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        while True:
            taken += 1
            yield b" " * kib

    assert (await on.http.put("/v1/reservations/r-first-1", content=endless())).status_code == 413
    assert taken <= 64 + 2  # what nobody will read is not taken in


# --- files -----------------------------------------------------------------------------------------------------------


async def test_qu5_the_config_file_is_applied_at_the_start_and_again_on_sighup(start: Start, tmp_path: Path) -> None:
    path = tmp_path / "registry.yaml"
    path.write_text(
        "pools:\n  default:\n    placement: spread\n    inbound_headroom: 1\n    quotas:\n      main: {max: 4}\n"
    )
    on = await start(registry_config=str(path))
    meta = "vox1:{default}:meta"
    await on.until(lambda: on.store.hget("vox1:{default}:quota", "main"))
    assert on.store.hmget(meta, "placement", "inbound_headroom") == [b"spread", b"1"]
    path.write_text("pools:\n  default:\n    quotas:\n      main: {max: 7}\n")
    on.registry.reload()
    await on.until(lambda: b'"max":7' in on.store.hget("vox1:{default}:quota", "main"))
    await on.until(lambda: on.store.hget(meta, "placement") == b"pack")


async def test_a_file_that_breaks_before_the_store_is_there_counts_as_it_was_read_at_the_start(
    own_store: tuple[ValkeyServer, redis.Redis], tmp_path: Path
) -> None:
    path = tmp_path / "registry.yaml"
    path.write_text("pools: {default: {quotas: {main: {max: 4}}}}")
    valkey, store = own_store
    read = {"registry_redis_url": valkey.uri, "voxcore_secret": SECRET, "notify_workers": False}
    registry = Registry(RegistrySettings(_env_file=None, registry_config=str(path), **read))
    path.write_text("pools: [")
    async with registry.running():
        on = Served(registry, store)
        await on.until(lambda: store.hget("vox1:{default}:quota", "main"))
        with pytest.raises(ConfigurationError):
            registry.reload()
        await on.http.aclose()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("pools: [", "REGISTRY_CONFIG"),
        ("pool: {}", "pool: Extra"),
        ("pools: {default: {placement: best}}", "placement"),
        ("pools: {default: {quotas: {main: {max: -1}}}}", "max"),
    ],
)
def test_a_config_file_with_a_mistake_says_where(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "registry.yaml"
    path.write_text(text)
    with pytest.raises(ConfigurationError, match=said):
        read_config(str(path))
    with pytest.raises(ConfigurationError, match="REGISTRY_CONFIG"):
        read_config(str(tmp_path / "none.yaml"))
    assert read_config("") == ({}, 0)


@pytest.mark.parametrize(("quota", "said"), [("{", "DEFAULT_CLIENT_QUOTA"), ('{"min":1}', "named clients only")])
def test_a_default_quota_that_keeps_seats_for_nobody_is_refused(quota: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        RegistrySettings(voxcore_secret="s", default_client_quota=quota, _env_file=None).limits()


async def test_qu4_a_client_without_limits_of_its_own_has_the_default_ones(start: Start) -> None:
    on = await start(default_client_quota='{"max":1}')
    await on.beat("h1-1")
    await on.beat("h1-2")
    await on.grant("r-first-1")
    assert (await on.ask("PUT", "/v1/reservations/r-second1", {"client": "main"}))[1]["error"] == "quota_exceeded"


async def test_qu5_an_emptied_store_gets_quotas_and_drains_back(start: Start) -> None:
    on = await start()
    await on.ask("PUT", "/v1/quotas", {"client": "main", "max": 3})
    await on.ask("PUT", "/v1/quotas", {"client": "gone", "max": 3})
    await on.ask("DELETE", "/v1/quotas/gone")
    await on.ask("POST", "/v1/drain", {"selector": "host:h1", "reason": "r", "by": "b"})
    await on.ask("POST", "/v1/drain", {"selector": "host:h2"})
    await on.ask("POST", "/v1/undrain", {"selector": "host:h2"})
    pool = on.registry.pools.of("default")
    await on.until(lambda: "host:h2" in pool.drains and "deleted" in pool.drains["host:h2"])
    _, before = await on.ask("GET", "/v1/drains")
    on.store.flushall()
    await on.until(lambda: on.store.hexists("vox1:{default}:drains", "host:h2"))
    assert (await on.ask("GET", "/v1/drains"))[1] == before
    assert [item["client"] for item in (await on.ask("GET", "/v1/quotas"))[1]["items"]] == ["main"]


# --- words to workers ------------------------------------------------------------------------------------------------


async def test_hb3_a_worker_is_told_of_its_reservation_and_of_its_release(start: Start) -> None:
    heard: list[tuple[str, Any]] = []

    async def worker(request: httpx.Request) -> httpx.Response:
        heard.append((request.url.path, json.loads(request.content)))
        assert request.headers["X-VoxCore-Secret"] == SECRET
        return httpx.Response(200)

    on = await start(worker)
    await on.beat("h1-1")
    grant = await on.grant("r-first-1")
    _, longer = await on.ask("POST", "/v1/reservations/r-first-1/extend", {"hold_ms": 60_000})
    await on.ask("DELETE", "/v1/reservations/r-first-1")
    await on.until(lambda: len(heard) == 3)
    assert heard == [
        ("/h1-1/reserve", {"fence": grant["fence"]}), ("/h1-1/reserve", {"fence": longer["fence"]}),
        ("/h1-1/unreserve", {"reservation_id": "r-first-1"}),
    ]  # fmt: skip


async def test_hb3_a_seat_that_refuses_its_reservation_is_taken_and_another_one_found(start: Start) -> None:
    heard: list[str] = []

    async def worker(request: httpx.Request) -> httpx.Response:
        heard.append(request.url.path)
        if "h2" in request.url.path:
            raise httpx.ConnectError("nobody there")
        return httpx.Response(409 if request.url.path.endswith("/reserve") else 200)

    on = await start(worker)
    await on.beat("h1-1")
    await on.beat("h2-1")
    grant = await on.grant("r-first-1")
    assert grant["worker_id"] == "h1-1"
    await on.until(lambda: on.store.hget("vox1:{default}:r:r-first-1", "worker") == b"h2-1")
    await on.until(lambda: "/h2-1/reserve" in heard)
    text = (await on.http.get("/metrics")).text
    assert 'voxregistry_notify_total{call="reserve",result="409"} 1.0' in text
    assert 'voxregistry_moved_total{cause="taken"} 1.0' in text


# --- overload, and a store that is away ------------------------------------------------------------------------------


async def test_f5_new_reserves_are_shed_first(start: Start) -> None:
    on = await start()
    await on.beat("h1-1")
    await on.grant("r-first-1")
    on.registry.pools.lag_s = 0.5
    answer = await on.http.put("/v1/reservations/r-second1", json={"client": "main"})
    assert (answer.status_code, answer.json()["error"], answer.headers["Retry-After"]) == (503, "overloaded", "1")
    on.registry.pools.lag_s = 0.5
    assert (await on.beat("h1-1"))[0] == 200
    on.registry.pools.lag_s = 0.5
    assert (await on.ask("DELETE", "/v1/reservations/r-first-1"))[0] == 200


async def test_f4_a_store_that_is_away_is_503_within_a_second_and_back_when_it_is_back(tmp_path: Path) -> None:
    from voxctl.children import free_port

    valkey = ValkeyServer(free_port(), tmp_path / "valkey")
    valkey.start()
    valkey.wait_ready(60)
    read = {"registry_redis_url": valkey.uri, "voxcore_secret": SECRET, "rebuild_ms": 0, "notify_workers": False}
    registry = Registry(RegistrySettings(_env_file=None, **read))
    loop = asyncio.get_running_loop()
    async with registry.running():
        on = Served(registry, redis.Redis(port=valkey.port))
        await on.until(lambda: registry.core.ready)
        assert (await on.beat("h1-1"))[0] == 200
        valkey.kill()
        began = loop.time()
        answer = await on.http.put("/v1/reservations/r-first-1", json={"client": "main"})
        assert loop.time() - began < 1.5
        assert (answer.status_code, answer.json()["error"], answer.headers["Retry-After"]) == (
            503,
            "store_unavailable",
            "1",
        )
        assert (await on.ask("GET", "/health"))[0] == 503
        assert (await on.ask("GET", "/v1/fleet"))[1]["error"] == "store_unavailable"
        assert (await on.http.get("/metrics")).status_code == 200
        valkey.start()
        valkey.wait_ready(60)
        async with asyncio.timeout(20):
            while (await on.beat("h1-1"))[0] != 200:
                await asyncio.sleep(0.05)
        await on.grant("r-first-1")
        await on.http.aclose()
    valkey.stop()
