"""A request that hangs because a store is away, or a health answer that says all is well."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import time

import pytest
from voxbridge import limits
from voxctl.children import free_port
from voxctl.embedded import ValkeyServer
from voxkit.errors import RateLimited

pytestmark = [pytest.mark.integration]
RULE = limits.Rule("test", 2, 60)


@pytest.fixture
def own_redis(tmp_path):
    server = ValkeyServer(free_port(), tmp_path / "redis")
    server.start()
    server.wait_ready(60)
    yield server
    server.stop()


async def health(bridge) -> tuple[int, dict, float]:
    bridge.ctx.caches.pop("health", None)
    began = time.monotonic()
    answer = await bridge.nobody.get("/health")
    return answer.status_code, answer.json(), time.monotonic() - began


async def test_without_mongodb_routes_answer_503_soon_and_come_back_by_themselves(make_bridge, own_mongo) -> None:
    async with make_bridge(mongodb_uri=own_mongo.uri) as bridge:
        own_mongo.kill()
        began = time.monotonic()
        answer = await bridge.admin.get("/api/v1/users")
        assert (answer.status_code, answer.json()["error"]) == (503, "store_unavailable")
        assert set(answer.json()) == {"error", "message", "detail", "request_id"}
        assert "127.0.0.1" not in answer.text
        assert time.monotonic() - began < 20
        login = await bridge.nobody.post("/api/v1/auth/login", json={"email": "a@b.example", "password": "x"})
        assert login.status_code == 503
        status, body, took_s = await health(bridge)
        assert (status, body["status"], body["mongodb"], body["redis"]) == (503, "degraded", "away", "ok")
        assert took_s < 10  # it does not wait as long as the store would; the machine may be busy
        assert (await bridge.nobody.get("/health/live")).json() == {"status": "ok"}
        own_mongo.start()
        own_mongo.wait_ready(60)
        assert (await bridge.admin.get("/api/v1/users")).status_code == 200
        assert (await health(bridge))[0] == 200


@pytest.mark.timeout(180)
async def test_callers_who_hang_up_on_a_database_that_stands_still_do_not_lock_it_for_ever(
    make_bridge, own_mongo
) -> None:
    """A task group of a web server cancels at each turn of the loop, until what it cancels has ended."""
    chance = random.Random(4)

    async def hangs_up(bridge) -> None:
        request = asyncio.create_task(bridge.admin.get("/api/v1/users"))
        await asyncio.sleep(chance.random() * 0.7)
        while not request.done():
            request.cancel()
            await asyncio.sleep(0)

    async with make_bridge(mongodb_uri=own_mongo.uri) as bridge:
        os.kill(own_mongo.pid, signal.SIGSTOP)
        for _ in range(15):
            await asyncio.gather(*(hangs_up(bridge) for _ in range(60)))
        assert (await health(bridge))[1]["mongodb"] == "away"
        os.kill(own_mongo.pid, signal.SIGCONT)
        async with asyncio.timeout(30):
            while (seen := await health(bridge))[0] != 200:
                await asyncio.sleep(0.2)
        assert seen[1]["mongodb"] == "ok"
        assert (await bridge.admin.get("/api/v1/users")).status_code == 200


async def test_without_redis_the_api_goes_on_with_limits_of_its_own(make_bridge, own_redis) -> None:
    async with make_bridge(redis_url=own_redis.uri) as bridge:
        own_redis.kill()
        assert (await bridge.admin.get("/api/v1/settings/display")).status_code == 200
        changed = await bridge.admin.put("/api/v1/settings/timezone", json={"display_timezone": "Asia/Kolkata"})
        assert changed.json()["display_timezone"] == "Asia/Kolkata"
        for _ in range(10):
            wrong = {"email": "root@example.com", "password": "wrong"}
            assert (await bridge.nobody.post("/api/v1/auth/login", json=wrong)).status_code == 401
        refused = await bridge.nobody.post("/api/v1/auth/login", json=wrong)
        assert refused.status_code == 429
        status, body, _ = await health(bridge)
        assert (status, body["mongodb"], body["redis"]) == (503, "ok", "away")


async def test_a_window_lets_its_number_through_and_tells_when_to_come_again(bridge) -> None:
    await limits.hit(bridge.ctx, RULE, "a")
    await limits.hit(bridge.ctx, RULE, "a")
    with pytest.raises(RateLimited) as caught:
        await limits.hit(bridge.ctx, RULE, "a")
    assert 1 <= int(caught.value.headers["Retry-After"]) <= 60
    await limits.hit(bridge.ctx, RULE, "b")
    await limits.clear(bridge.ctx, RULE, "a")
    await limits.hit(bridge.ctx, RULE, "a")
    await limits.take_back(bridge.ctx, RULE, "a")
    await limits.hit(bridge.ctx, RULE, "a")
    await limits.hit(bridge.ctx, RULE, "a")
    keys = await bridge.ctx.redis.keys("vox:rl:test:*")
    assert len(keys) == 2
    for key in keys:
        assert 0 < await bridge.ctx.redis.ttl(key) <= 60


async def test_the_registry_is_told_but_does_not_degrade(make_bridge) -> None:
    async with make_bridge(registry_url=f"http://127.0.0.1:{free_port()}") as bridge:
        status, body, _ = await health(bridge)
        assert (status, body["status"], body["registry"]) == (200, "ok", "away")
    async with make_bridge(registry_url="") as bridge:
        assert (await health(bridge))[1]["registry"] == "off"


async def test_health_names_version_and_image(make_bridge) -> None:
    async with make_bridge(vox_image_tag="1.2.3") as bridge:
        body = (await health(bridge))[1]
        assert set(body) == {"status", "version", "image_tag", "mongodb", "redis", "registry"}
        assert body["image_tag"] == "1.2.3"


async def test_metrics_ask_for_the_token_when_one_is_set(make_bridge) -> None:
    async with make_bridge(metrics_token="scrape-me") as bridge:
        assert (await bridge.nobody.get("/metrics")).status_code == 401
        wrong = await bridge.nobody.get("/metrics", headers={"Authorization": "Bearer scrape-m"})
        assert (wrong.status_code, wrong.json()["error"]) == (401, "unauthorized")
        right = await bridge.nobody.get("/metrics", headers={"Authorization": "Bearer scrape-me"})
        assert right.status_code == 200
        for name in (
            "http_request_seconds", "config_builds_total", "config_build_seconds", "results_total", "outbox_jobs",
            "outbox_oldest_seconds", "fleet_picks_total", "integration_requests_total", "orphans_total", "leader",
            "job_last_success_timestamp",
        ):  # fmt: skip
            assert f"# TYPE voxbridge_{name.removesuffix('_total')}" in right.text, name
