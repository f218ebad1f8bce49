"""A call that takes a seat in two pools, or is refused although the next pool has one (SC2)."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from voxkit.contracts.registry import ClientQuota
from voxkit.errors import AtCapacity
from voxkit.registry import QueueFull, QuotaExceeded, RegistryAway, RegistryClient, RegistryPools, parse_pools

from .registry_world import SECRET, R, World, answer, refused, view

pytestmark = [pytest.mark.unit]
FULL = refused(429, "at_capacity", reason="no_idle_seat")


@pytest.fixture
async def pools(world: World) -> AsyncIterator[RegistryPools]:
    """`near` at the host `registry`, `far` at the host `other`."""

    def client(url: str, pool: str) -> RegistryClient:
        http = httpx.AsyncClient(transport=httpx.MockTransport(world.handle), headers={"X-VoxCore-Secret": SECRET})
        return RegistryClient(url, SECRET, client="main", pool=pool, http=http)

    both = RegistryPools({"near": client("http://registry", "near"), "far": client("http://other", "far")})
    yield both
    await both.aclose()
    assert world.script == [], "answers that nobody asked for"


async def test_the_first_pool_with_a_seat_gets_the_call(world: World, pools: RegistryPools) -> None:
    world.on("PUT", R, answer(201, view()))
    client, grant = await pools.reserve("r-first-1", hold=15, wait=5)
    assert (client, grant.worker_id) == (pools.clients["near"], "h1-1")
    assert world.asked("PUT", R)[0]["wait_ms"] == 0
    assert world.seen[0].url.params["pool"] == "near"


async def test_a_full_pool_leads_on_to_the_next(world: World, pools: RegistryPools) -> None:
    world.on("PUT", R, FULL)
    world.on("PUT", R, answer(201, view(worker_id="h9-1")), host="other")
    client, grant = await pools.reserve("r-first-1", wait=5)
    assert (client, grant.worker_id) == (pools.clients["far"], "h9-1")


async def test_when_all_are_full_the_call_waits_in_the_first(world: World, pools: RegistryPools) -> None:
    world.on("PUT", R, FULL, answer(201, view()))
    world.on("PUT", R, FULL, host="other")
    client, _ = await pools.reserve("r-first-1", wait=5)
    assert client is pools.clients["near"]
    assert [body["wait_ms"] for body in world.asked("PUT", R)] == [0, 5000]


async def test_with_one_pool_its_queue_is_joined_in_the_same_step(world: World, registry: RegistryClient) -> None:
    world.on("PUT", R, answer(201, view()))
    await RegistryPools({"near": registry}).reserve("r-first-1", wait=5)
    (asked,) = world.asked("PUT", R)
    assert asked["wait_ms"] == 5_000


async def test_without_a_wait_all_full_is_a_refusal(world: World, pools: RegistryPools) -> None:
    world.on("PUT", R, FULL)
    world.on("PUT", R, FULL, host="other")
    with pytest.raises(AtCapacity):
        await pools.reserve("r-first-1")


@pytest.mark.parametrize(
    ("said", "raised"),
    [([refused(429, "quota_exceeded")], QuotaExceeded), ([httpx.ConnectError("away")] * 2, RegistryAway)],
    ids=["quota", "away"],
)
async def test_a_quota_or_silence_asks_no_other_pool(world: World, pools: RegistryPools, said, raised) -> None:
    world.on("PUT", R, *said)
    world.always[("DELETE", R)] = answer(200, {"state": "unknown"})
    with pytest.raises(raised) as caught:
        await pools.reserve("r-first-1", wait=5)
    assert caught.value.extra.get("pool", "near") == "near"
    assert not world.asked("PUT", R, host="other")


async def test_a_seat_that_was_not_used_goes_back_to_its_pool(world: World, pools: RegistryPools) -> None:
    world.on("PUT", R, FULL)
    world.on("PUT", R, answer(201, view()), host="other")
    world.on("DELETE", R, answer(200, {"state": "released"}), host="other")
    async with pools.slot("r-first-1"):
        pass


async def test_a_seat_handed_over_is_left_to_its_deadline(world: World, pools: RegistryPools) -> None:
    world.on("PUT", R, answer(201, view()))
    async with pools.slot("r-first-1") as slot:
        assert slot.hand_over().fence == "v1.h1-1.7.r-first-1.9.x"
    assert not world.asked("DELETE", R)


async def test_the_connections_of_every_pool_are_closed(pools: RegistryPools) -> None:
    await pools.aclose()
    assert all(client.http.is_closed for client in pools.clients.values())


def test_the_list_is_read_in_order_and_empty_means_the_default_pool() -> None:
    assert parse_pools("", "http://registry:8070/") == {"default": "http://registry:8070"}
    text = " near = http://a:1/ , far=https://b"
    assert list(parse_pools(text, "http://c").items()) == [("near", "http://a:1"), ("far", "https://b")]


@pytest.mark.parametrize("text", ["near", "near=", "=http://a", "Near=http://a", "n=ftp://a", "a=http://a,a=http://b"])
def test_an_entry_that_is_no_pool_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"pool"):
        parse_pools(text, "http://registry:8070")


# --- what operators ask ----------------------------------------------------------------------------------------------


async def test_seats_are_read_page_after_page(world: World, registry: RegistryClient) -> None:
    def row(worker: str) -> dict[str, object]:
        return {
            "worker_id": worker, "host_id": "h1", "state": "idle", "phase": "idle", "draining": False, "epoch": 3,
            "image_tag": "v1", "since_ms": 1, "age_ms": 2, "outbox_pending": 0,
        }  # fmt: skip

    world.on("GET", "/v1/workers", answer(200, {"items": [row("h1-1")], "cursor": "h1-1"}))
    world.on("GET", "/v1/workers", answer(200, {"items": [row("h1-2")], "cursor": None}))
    assert [seat.worker_id for seat in await registry.seats(host_id="h1")] == ["h1-1", "h1-2"]
    assert [dict(request.url.params).get("cursor") for request in world.seen] == [None, "h1-1"]


async def test_quotas_are_read_and_written_whole(world: World, registry: RegistryClient) -> None:
    told = {"items": [{"client": "main", "max": 4, "used": 1}], "overcommitted": False}
    world.on("GET", "/v1/quotas", answer(200, told))
    world.on("PUT", "/v1/quotas", answer(200, told))
    assert (await registry.quotas()).items[0].used == 1
    await registry.put_quota(ClientQuota(client="main", max=4))
    assert world.asked("PUT", "/v1/quotas") == [{"client": "main", "max": 4, "min": 0, "weight": 1, "campaigns": {}}]
    world.on("DELETE", "/v1/quotas/main", answer(200, {"items": [], "overcommitted": False}))
    assert (await registry.delete_quota("main")).items == []
    world.on("DELETE", "/v1/quotas/main/campaigns/c-1", answer(200, told))
    assert (await registry.delete_campaign_quota("main", "c-1")).items[0].client == "main"


@pytest.mark.parametrize("body", ["<html>", '{"items":1}', "[1]", "7"])
async def test_what_is_not_the_registry_is_told_as_away(world: World, registry: RegistryClient, body: str) -> None:
    world.on("GET", "/v1/drains", httpx.Response(200, text=body))
    with pytest.raises(RegistryAway, match="not the capacity registry"):
        await registry.drains()


async def test_a_queue_that_is_full_is_an_answer_and_leads_nowhere_else(world: World, pools: RegistryPools) -> None:
    world.on("PUT", R, refused(429, "queue_full"))
    with pytest.raises(QueueFull):
        await pools.reserve("r-first-1", wait=5)
