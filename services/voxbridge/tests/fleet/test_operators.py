"""A drain that reaches no registry but is answered 200, a limit without a name in the audit log, figures that lie."""

from __future__ import annotations

import asyncio

import pytest
import respx
from voxbridge.events.bus import hub_of
from voxbridge.fleet.figures import together
from voxbridge.fleet.starts import DIALOUT, start_call
from voxbridge.looks import shared
from voxkit.contracts.registry import FleetView
from voxkit.registry import RegistryAway

from .conftest import MakeWorld, World

pytestmark = [pytest.mark.integration]
FLEET = "/api/v1/fleet"


async def test_the_status_comes_from_the_registry(world: World) -> None:
    await start_call(world.ctx, DIALOUT, {"bot_id": "demo"})
    await world.until(lambda fleet: fleet["busy"] == 1)
    admin = await world.bridge.as_role("admin")
    told = (await admin.get(f"{FLEET}/status")).json()
    assert {key: told[key] for key in ("source", "total_capacity", "active_calls", "available")} == {
        "source": "registry", "total_capacity": 2, "active_calls": 1, "available": 1,
    }  # fmt: skip
    assert told["workers"] == [{
        "url": world.hosts[0].url, "status": "healthy", "total_capacity": 2, "total_available": 1, "worker_calls": 1,
        "workers": 2, "draining": False,
    }]  # fmt: skip
    assert sorted(seat["state"] for seat in told["seats"]) == ["busy", "idle"]
    assert (told["fleet"]["pool"], told["fleet"]["busy"], told["fleet"]["free"]) == (world.pool, 1, 1)


async def test_without_the_registry_the_hosts_are_asked_themselves(world: World) -> None:
    world.registry.stop()
    told = (await world.bridge.admin.get(f"{FLEET}/status")).json()
    assert (told["source"], told["total_capacity"], told["seats"], told["fleet"]) == ("poll", 2, [], None)
    assert (await world.bridge.nobody.get("/health")).json()["registry"] == "away"


async def test_a_drain_takes_a_host_out_and_lifting_it_brings_it_back(world: World) -> None:
    selector = f"host:{world.hosts[0].name}"
    answer = await world.bridge.admin.post(f"{FLEET}/drain", json={"selector": selector, "reason": "new image"})
    assert (answer.status_code, answer.json()) == (200, {"selector": selector, "seats": 2})
    admin = await world.bridge.as_role("admin")
    [shown] = (await admin.get(f"{FLEET}/drains")).json()["items"]
    assert (shown["selector"], shown["by"], shown["reason"], shown["pool"]) == (
        selector, "root@example.com", "new image", world.pool,
    )  # fmt: skip
    told = (await admin.get(f"{FLEET}/status")).json()
    assert (told["available"], told["workers"][0]["draining"]) == (0, True)
    answer = await world.bridge.admin.post(f"{FLEET}/undrain", json={"selector": selector})
    assert (answer.status_code, answer.json()["seats"]) == (200, 2)
    assert (await admin.get(f"{FLEET}/drains")).json()["items"] == []
    assert (await world.fleet())["free"] == 2


async def test_a_quota_is_set_whole_and_shown_with_its_use(world: World) -> None:
    body = {"client": "main", "max": 5, "min": 1, "weight": 2, "campaigns": {"spring": {"max": 2}}}
    answer = await world.bridge.admin.put(f"{FLEET}/quotas", json=body)
    assert answer.status_code == 200
    await start_call(world.ctx, DIALOUT, {"bot_id": "demo"})
    told = (await world.bridge.admin.get(f"{FLEET}/quotas")).json()
    [item] = told["items"]
    assert {key: item[key] for key in ("client", "max", "min", "weight", "used", "pool")} == {
        "client": "main", "max": 5, "min": 1, "weight": 2, "used": 1, "pool": world.pool,
    }  # fmt: skip
    assert item["campaigns"] == {"spring": {"max": 2, "min": 0, "used": 0}}
    assert told["overcommitted"] is False


async def test_whoever_looks_at_the_fleet_is_told_that_a_quota_changed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[str, tuple[str, ...], int]] = []
    monkeypatch.setattr(
        hub_of(world.ctx), "tell", lambda name, topics, data: told.append((name, topics, data["total_capacity"]))
    )
    await world.quota(max=5)
    assert told == [("fleet.changed", ("fleet",), 2)]


async def test_every_change_is_in_the_audit_log_with_its_author(world: World) -> None:
    await world.bridge.admin.post(f"{FLEET}/drain", json={"selector": "pool", "reason": "night"})
    await world.bridge.admin.post(f"{FLEET}/undrain", json={"selector": "pool"})
    await world.quota(max=5)
    await world.quota(max=7)
    log = (await world.bridge.admin.get("/api/v1/audit-log")).json()["items"]
    assert [(entry["action"], entry["entity_type"], entry["entity_id"], entry["changes"]) for entry in log] == [
        ("fleet.quota", "quota", "main", {"max": [5, 7]}),
        ("fleet.quota", "quota", "main",
         {"max": [None, 5], "min": [None, 0], "weight": [None, 1], "campaigns": [None, {}]}),
        ("fleet.undrain", "fleet", "pool", {"drain": ["night", None]}),
        ("fleet.drain", "fleet", "pool", {"drain": [None, "night"]}),
    ]  # fmt: skip
    assert {entry["ip"] for entry in log} == {"203.0.113.9"}
    assert all(entry["request_id"] and entry["actor_name"] for entry in log)
    mine = log[0]["actor_id"]
    for query, count in (("action=fleet.drain", 1), (f"actor_id={mine}&entity_type=quota", 2), ("entity_id=main", 2),
                         ("entity_type=fleet&entity_id=pool", 2), ("actor_id=nobody", 0)):  # fmt: skip
        items = (await world.bridge.admin.get(f"/api/v1/audit-log?{query}")).json()["items"]
        assert len(items) == count, query


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "drain", {"selector": "pool"}),
        ("POST", "undrain", {"selector": "pool"}),
        ("GET", "drains", None),
        ("GET", "quotas", None),
        ("PUT", "quotas", {"client": "main", "max": 1}),
    ],
)
async def test_without_a_registry_each_of_them_says_what_to_do(bridge, method: str, path: str, body) -> None:
    answer = await bridge.admin.request(method, f"{FLEET}/{path}", json=body)
    assert (answer.status_code, answer.json()["error"]) == (503, "registry_unavailable")
    assert "set REGISTRY_URL" in answer.json()["message"]


async def test_a_registry_that_is_away_changes_nothing_and_is_not_audited(world: World) -> None:
    world.registry.stop()
    answer = await world.bridge.admin.post(f"{FLEET}/drain", json={"selector": "pool"})
    assert (answer.status_code, answer.json()["error"]) == (503, "registry_unavailable")
    assert "gives no answer" in answer.json()["message"]
    assert (await world.bridge.admin.get("/api/v1/audit-log")).json()["items"] == []


@pytest.mark.parametrize("selector", ["", "everything", "host:", "host:UPPER", "worker:a b", "pool:x"])
async def test_a_selector_that_names_nothing_is_refused(world: World, selector: str) -> None:
    answer = await world.bridge.admin.post(f"{FLEET}/drain", json={"selector": selector})
    assert (answer.status_code, answer.json()["error"]) == (422, "validation_failed")


async def test_a_pool_that_is_not_ours_is_refused(world: World) -> None:
    answer = await world.bridge.admin.post(f"{FLEET}/drain?pool=elsewhere", json={"selector": "pool"})
    assert (answer.status_code, answer.json()["error"]) == (422, "validation_failed")
    assert world.pool in answer.json()["message"]


async def test_two_pools_are_asked_and_shown_as_one_fleet(make_world: MakeWorld, registry) -> None:
    async with make_world(registry_pools=f"pool-left={registry.url},pool-right={registry.url}") as world:
        told = (await world.bridge.admin.get(f"{FLEET}/status")).json()
        assert (told["source"], told["fleet"]["pool"], told["total_capacity"]) == (
            "registry", "pool-left,pool-right", 0,
        )  # fmt: skip
        await world.quota(max=3)
        told = (await world.bridge.admin.get(f"{FLEET}/quotas")).json()["items"]
        assert [(item["pool"], item["max"]) for item in told] == [("pool-left", 3), ("pool-right", 3)]
        await world.bridge.admin.put(f"{FLEET}/quotas?pool=pool-right", json={"client": "main", "max": 4})
        told = (await world.bridge.admin.get(f"{FLEET}/quotas?pool=pool-right")).json()["items"]
        assert [(item["pool"], item["max"]) for item in told] == [("pool-right", 4)]


HOST = {"host_id": "h1", "lb_url": "http://h1", "seats": 2, "free": 1, "busy": 0, "draining": 0, "tags": {}}


def seat(name: str, state: str) -> dict[str, object]:
    return {
        "worker_id": name, "host_id": "h1", "state": state, "phase": "idle", "draining": False, "image_tag": "1",
        "since_ms": 1, "age_ms": 1, "epoch": 1, "outbox_pending": 0,
    }  # fmt: skip


async def test_a_lost_seat_is_no_capacity_and_many_who_look_ask_the_registry_once_a_second(make_bridge) -> None:
    """The lost seat is one of the left pool; the same host has two that live in the right one."""
    base = "http://registry.test"
    async with make_bridge(registry_url=base, registry_pools=f"left={base},right={base}") as bridge:
        with respx.mock(assert_all_called=False) as net:
            net.get(f"{base}/v1/fleet").respond(200, json=view("left", hosts=[HOST]).model_dump(mode="json"))
            pages = {
                pool: net.get(f"{base}/v1/workers", params={"pool": pool}).respond(200, json={"items": seats})
                for pool, seats in {
                    "left": [seat("h1-1", "idle"), seat("h1-2", "lost")],
                    "right": [seat("h1-3", "idle"), seat("h1-4", "idle")],
                }.items()
            }
            answers = await asyncio.gather(*(bridge.admin.get(f"{FLEET}/status") for _ in range(5)))
            for told in (answer.json() for answer in answers):
                assert [host["total_capacity"] for host in told["workers"]] == [1, 2]
                assert (told["source"], told["total_capacity"], len(told["seats"])) == ("registry", 3, 4)
            assert [page.call_count for page in pages.values()] == [1, 1]


async def test_a_look_that_failed_is_told_to_all_who_waited_and_not_kept(bridge) -> None:
    looks = 0

    async def look() -> int:
        nonlocal looks
        looks += 1
        await asyncio.sleep(0)
        if looks == 1:
            raise RegistryAway
        return looks

    both = await asyncio.gather(*(shared(bridge.ctx, "test", look) for _ in range(2)), return_exceptions=True)
    assert [type(end) for end in both] == [RegistryAway] * 2
    assert [await shared(bridge.ctx, "test", look) for _ in range(2)] == [2, 2]


def view(pool: str, **said) -> FleetView:
    counts = dict.fromkeys(
        ("seats", "free", "idle", "reserved", "busy", "wrapping", "starting", "draining", "lost", "waiting"), 1
    )
    rest = {"generation": "g", "status": "ok", "waiting_by": {"inbound": 1}, "longest_wait_ms": 5, "refusals": {"a": 2}}
    return FleetView.model_validate({"pool": pool, **counts, **rest, **said})


def test_the_figures_of_pools_add_up() -> None:
    both = together([view("a"), view("b", status="rebuilding", longest_wait_ms=9, waiting_by={"test": 4})])
    assert (both.pool, both.seats, both.waiting, both.status, both.longest_wait_ms) == ("a,b", 2, 2, "rebuilding", 9)
    assert (both.waiting_by, both.refusals) == ({"inbound": 1, "test": 4}, {"a": 4})
