"""A start that takes two seats, keeps one it did not use, or tells "full" where a quota or the registry refused."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime
from typing import Any

import httpx
import pytest
from voxbridge.fleet import starts
from voxbridge.fleet.errors import NoCapacity, RegistryUnavailable
from voxbridge.fleet.starts import BROWSER, DIALOUT, DISPATCH, WIDGET, StartKind, start_call
from voxkit.errors import VoxError
from voxkit.registry import QuotaExceeded, StartUnknown

from .conftest import MakeWorld, World
from .hosts import balancer_error, hang, lose_answer, refuse

pytestmark = [pytest.mark.integration]
BODY = {"bot_id": "demo"}


async def refusal(start: Any) -> VoxError:
    with pytest.raises(VoxError) as caught:
        await start
    return caught.value


def quick(kind: StartKind = DISPATCH, **changes: Any) -> StartKind:
    """The kind without its wait."""
    return StartKind(**{**kind.__dict__, "wait_s": 0.0, **changes})


@pytest.mark.parametrize(
    ("kind", "path", "budgets"),
    [
        (DISPATCH, "/livekit/dispatch", ("inbound", 15_000, 5_000)),
        (WIDGET, "/livekit/widget", ("inbound", 15_000, 3_000)),
        (DIALOUT, "/livekit/dialout", ("outbound", 75_000, 0)),
        (BROWSER, "", ("test", 30_000, 3_000)),
    ],
    ids=["dispatch", "widget", "dialout", "browser"],
)
def test_each_kind_has_the_budgets_of_the_contract(kind: StartKind, path: str, budgets: tuple[str, int, int]) -> None:
    assert kind.path == path
    assert (kind.priority, kind.hold_s * 1000, kind.wait_s * 1000) == budgets


async def test_a_start_is_reserved_fenced_and_confirmed(world: World) -> None:
    started = await start_call(world.ctx, DIALOUT, BODY)
    assert (started.host, started.body["status"]) == (world.hosts[0].url, "accepted")
    [(reservation, call)] = world.calls
    assert started.call_id == call
    told = (await world.http.get(f"/v1/reservations/{reservation}", params={"pool": world.pool})).json()
    assert told["state"] in ("confirmed", "active")
    assert (await world.until(lambda fleet: fleet["busy"] == 1))["free"] == 1


async def test_a_full_fleet_is_no_capacity_and_the_wait_is_used(world: World) -> None:
    for _ in range(2):
        await start_call(world.ctx, DIALOUT, BODY)
    refused = await refusal(start_call(world.ctx, quick(), BODY))
    assert (refused.http_status, refused.wire_code) == (503, "no_capacity")
    assert "Every worker is on a call" in refused.message
    waiting = asyncio.create_task(start_call(world.ctx, DISPATCH, BODY))
    await world.until(lambda fleet: fleet["waiting_by"].get("inbound") == 1)
    next(iter(world.hosts[0].seats.values())).hang_up()
    assert (await waiting).body["status"] == "accepted"


async def test_nobody_frees_a_seat_in_time_and_the_wait_ends(world: World) -> None:
    for _ in range(2):
        await start_call(world.ctx, DIALOUT, BODY)
    refused = await refusal(start_call(world.ctx, DIALOUT, BODY, wait_s=0.3))
    assert isinstance(refused, NoCapacity)
    assert "none became free in time" in refused.message


async def test_a_quota_is_not_told_as_a_full_fleet(world: World) -> None:
    await world.quota(max=1)
    await start_call(world.ctx, DIALOUT, BODY)
    refused = await refusal(start_call(world.ctx, DIALOUT, BODY))
    assert isinstance(refused, QuotaExceeded)
    assert (refused.http_status, refused.wire_code) == (429, "quota_exceeded")
    assert (refused.extra["limit"], refused.extra["used"]) == (1, 1)
    assert "1 of the 1 calls" in refused.message


async def test_a_seat_kept_for_others_is_told_as_such(world: World) -> None:
    answer = await world.bridge.admin.put("/api/v1/fleet/quotas", json={"client": "other", "min": 2})
    assert answer.status_code == 200
    refused = await refusal(start_call(world.ctx, DIALOUT, BODY))
    assert (refused.http_status, refused.wire_code) == (503, "no_capacity")
    assert "minimum" in refused.message


async def test_a_refused_fence_gets_another_seat(world: World) -> None:
    world.hosts[0].script = [refuse(409, "stale_reservation")]
    started = await start_call(world.ctx, DIALOUT, BODY)
    assert started.body["status"] == "accepted"
    assert (world.hosts[0].starts, len(world.calls)) == (2, 1)


async def test_an_unreachable_worker_gets_another_seat(world: World) -> None:
    world.hosts[0].script = [refuse(503, "worker_unreachable")]
    await start_call(world.ctx, DIALOUT, BODY)
    assert (world.hosts[0].starts, len(world.calls)) == (2, 1)


async def test_three_seats_are_tried_and_no_fourth(make_world: MakeWorld) -> None:
    async with make_world(seats=(4,)) as world:
        world.hosts[0].script = [refuse(409, "stale_reservation")] * 4
        refused = await refusal(start_call(world.ctx, DIALOUT, BODY))
        assert (refused.http_status, refused.wire_code) == (503, "no_capacity")
        assert (world.hosts[0].starts, world.calls) == (3, [])
        await world.until(lambda fleet: fleet["reserved"] == 0)


@pytest.mark.parametrize(
    ("status", "code", "told"),
    [
        (422, "validation_failed", (422, "validation_failed")),
        (502, "livekit_failed", (502, "livekit_failed")),
        (429, "at_capacity", (503, "no_capacity")),
    ],
)
async def test_a_refusal_of_the_worker_itself_is_relayed_and_the_seat_given_back(
    world: World, status: int, code: str, told: tuple[int, str]
) -> None:
    world.hosts[0].script = [refuse(status, code, "No trunk.")]
    refused = await refusal(start_call(world.ctx, DIALOUT, BODY))
    assert (refused.http_status, refused.wire_code) == told
    assert world.hosts[0].starts == 1
    await world.until(lambda fleet: fleet["free"] == 2)


async def test_a_lost_answer_is_asked_again_at_the_same_seat(world: World) -> None:
    """The call began; its answer was lost. The repeat gets the same call, and no second seat is touched."""
    world.hosts[0].script = [lose_answer]
    started = await start_call(world.ctx, DIALOUT, BODY)
    [(_, call)] = world.calls
    assert (started.call_id, world.hosts[0].starts) == (call, 2)


async def test_answers_lost_twice_are_settled_by_the_workers_own_word(world: World) -> None:
    world.hosts[0].script = [lose_answer, lose_answer]
    started = await start_call(world.ctx, DIALOUT, BODY)
    [(_, call)] = world.calls
    assert (started.call_id, started.body) == (call, {})
    await world.until(lambda fleet: (fleet["busy"], fleet["free"]) == (1, 1))


@pytest.mark.parametrize(("kind", "status"), [(DISPATCH, 502), (DIALOUT, 502), (WIDGET, 503)])
async def test_an_unknown_outcome_starts_no_second_worker(world: World, kind: StartKind, status: int) -> None:
    """Nobody says that a call began: the seat stays reserved until its deadline, the other seat is not asked."""
    world.hosts[0].script = [balancer_error] * 2
    refused = await refusal(start_call(world.ctx, kind, BODY))
    assert isinstance(refused, StartUnknown)
    assert (refused.http_status, refused.wire_code) == (status, "start_unknown")
    assert (world.hosts[0].starts, world.calls) == (2, [])
    assert (await world.fleet())["reserved"] == 1


async def test_a_worker_that_never_answers_is_an_unknown_outcome(world: World) -> None:
    world.hosts[0].script = [hang, hang]
    refused = await refusal(start_call(world.ctx, quick(DIALOUT, timeout_s=0.3), BODY))
    assert (refused.wire_code, world.hosts[0].starts) == ("start_unknown", 2)


async def test_the_same_id_never_takes_a_second_seat(world: World) -> None:
    """A caller that lost our answer repeats under the same id and gets the same call."""
    one = await start_call(world.ctx, DIALOUT, BODY, reservation_id="r-repeated-1")
    two = await start_call(world.ctx, DIALOUT, BODY, reservation_id="r-repeated-1")
    await world.until(lambda fleet: fleet["busy"] == 1)
    three = await start_call(world.ctx, DIALOUT, BODY, reservation_id="r-repeated-1")
    assert len(world.calls) == 1
    assert one.call_id == two.call_id == three.call_id == world.calls[0][1]


async def test_without_the_registry_starts_fail_closed_within_two_seconds(world: World) -> None:
    world.registry.stop()
    began = time.monotonic()
    refused = await refusal(start_call(world.ctx, DISPATCH, BODY))
    took = time.monotonic() - began
    assert isinstance(refused, RegistryUnavailable)
    assert (refused.http_status, refused.wire_code) == (503, "registry_unavailable")
    assert "REGISTRY_URL" in refused.message
    assert world.hosts[0].starts == 0
    assert took < 3, "CL1: two tries in two seconds"


async def test_a_wrong_secret_says_so(make_world: MakeWorld) -> None:
    async with make_world(beating_hosts=False, voxcore_secret="another-secret") as world:
        refused = await refusal(start_call(world.ctx, DISPATCH, BODY))
        assert (refused.http_status, refused.wire_code) == (503, "registry_unavailable")
        assert "VOXCORE_SECRET" in refused.message


async def test_a_start_that_is_given_up_gives_its_seat_back(world: World) -> None:
    """The caller hangs up while we wait for a seat."""
    for _ in range(2):
        await start_call(world.ctx, DIALOUT, BODY)
    waiting = asyncio.create_task(start_call(world.ctx, DISPATCH, BODY))
    await world.until(lambda fleet: fleet["waiting"] == 1)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await world.until(lambda fleet: fleet["waiting"] == 0)


# --- sockets ---------------------------------------------------------------------------------------------------------


async def browser_call(world: World) -> httpx.Response:
    return await world.bridge.admin.post("/api/v1/bots/demo/browser-call", json={"variables": {"name": "Asha"}})


async def test_a_browser_call_names_a_reserved_seat(world: World) -> None:
    answer = await browser_call(world)
    assert answer.status_code == 201, answer.text
    base, _, fence = answer.json()["ws_url"].rpartition("/")
    assert base == world.hosts[0].url.replace("http", "ws", 1) + "/ws/demo"
    lapses_ms = int(fence.split(".")[4])
    expires_at = datetime.fromisoformat(answer.json()["expires_at"])
    assert abs(expires_at.timestamp() * 1000 - lapses_ms) < 2_000, "the address opens nothing later"
    assert (await world.fleet())["reserved"] == 1
    seat = world.hosts[0].seats[fence.split(".")[1]]
    assert seat.start(fence).status_code == 200
    assert (await world.until(lambda fleet: fleet["busy"] == 1))["reserved"] == 0


async def test_a_browser_call_keeps_the_base_that_browsers_reach(make_world: MakeWorld) -> None:
    async with make_world(browser_wss_base="wss://calls.example.com", ws_media_tokens="tok") as world:
        url = (await browser_call(world)).json()["ws_url"]
        assert url.startswith("wss://calls.example.com/ws/demo/v1.")
        assert "token=" not in url


async def test_a_browser_call_on_a_full_fleet_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("voxbridge.bots.service.BROWSER", quick(BROWSER))
    for _ in range(2):
        await start_call(world.ctx, DIALOUT, BODY)
    answer = await browser_call(world)
    assert (answer.status_code, answer.json()["error"]) == (503, "no_capacity")
    await world.quota(max=2)
    answer = await browser_call(world)
    assert (answer.status_code, answer.json()["error"]) == (429, "quota_exceeded")


async def test_a_socket_seat_goes_back_when_its_call_was_not_prepared(world: World) -> None:
    with pytest.raises(RuntimeError):
        async with starts.socket_seat(world.ctx, BROWSER):
            raise RuntimeError("the database is away")
    await world.until(lambda fleet: fleet["free"] == 2)
