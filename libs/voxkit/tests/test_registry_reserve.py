"""A caller that takes a second seat because an answer was lost, or believes in one that nobody gave it (CL1 to CL3)."""

from __future__ import annotations

import asyncio
import re
from dataclasses import FrozenInstanceError, fields
from typing import Any

import httpx
import pytest
from voxkit.contracts.registry import Need, ReservationView
from voxkit.errors import AtCapacity, Forbidden, Invalid, NotFound, VoxError
from voxkit.registry import (
    QueueFull,
    QueueTimeout,
    QuotaExceeded,
    RegistryAway,
    RegistryClient,
    ReservationIdReused,
    ReservationOver,
    StartReply,
    Waiting,
    new_reservation_id,
)
from voxkit.registry.grant import grant_of

from .registry_world import Clock, R, World, answer, heard, refused, seat, view

pytestmark = [pytest.mark.unit]

CUT = httpx.ConnectError("cut")
SLOW = httpx.ReadTimeout("slow")
BUSY = refused(503, "overloaded")
RELEASED = answer(200, {"state": "released"})


# --- reserve ---------------------------------------------------------------------------------------------------------


async def test_a_grant_says_where_the_seat_is_and_how_long_it_is_held(
    world: World, timed: RegistryClient, clock: Clock
) -> None:
    world.on("PUT", R, clock.later(0.5, answer(201, view())))
    grant = await timed.reserve("r-first-1")
    told = (grant.worker_id, grant.host_id, grant.lb_url, grant.direct_url, grant.image_tag, grant.epoch)
    assert told == ("h1-1", "h1", "http://h1", "http://h1/1", "v1", 7)
    assert grant.expires_at == 1_000.0 + 15.0  # from before the request: never later than the registry means it
    assert grant.headers == {"X-Vox-Worker": "h1-1", "X-Vox-Fence": grant.fence}
    assert grant.socket_url("/ws/bot/") == f"ws://h1/ws/bot/{grant.fence}"
    assert grant.fence not in repr(grant)
    assert grant.seconds_left() < 15.0
    assert world.asked("PUT", R) == [{"client": "main", "priority": "outbound", "hold_ms": 15_000, "wait_ms": 0,
                                      "allow_draining": False}]  # fmt: skip
    assert world.seen[0].url.params["pool"] == "default"
    assert world.seen[0].headers["Content-Type"] == "application/json"


async def test_every_wish_reaches_the_registry(world: World, registry: RegistryClient) -> None:
    world.on("PUT", R, answer(201, view()))
    await registry.reserve(
        "r-first-1", priority="inbound", hold=1.5, wait=0.25, campaign="spring", need=Need(host_id="h1"),
        allow_draining=True,
    )  # fmt: skip
    assert world.asked("PUT", R) == [
        {"client": "main", "campaign": "spring", "priority": "inbound", "hold_ms": 1_500, "wait_ms": 250,
         "need": {"host_id": "h1"}, "allow_draining": True}
    ]  # fmt: skip


@pytest.mark.parametrize("lost", [CUT, SLOW, BUSY, httpx.Response(500)], ids=["cut", "slow", "503", "500"])
async def test_a_lost_answer_is_asked_for_once_more_under_the_same_id(
    world: World, registry: RegistryClient, lost: Any
) -> None:
    world.on("PUT", R, lost, answer(200, view()))
    assert (await registry.reserve("r-first-1")).worker_id == "h1-1"
    first, second = world.asked("PUT", R)
    assert first == second


@pytest.mark.parametrize(("lost", "why"), [(CUT, "ConnectError"), (BUSY, "overloaded")])
async def test_without_an_answer_there_is_no_seat_and_what_may_have_been_taken_is_given_back(
    world: World, registry: RegistryClient, lost: Any, why: str
) -> None:
    world.on("PUT", R, lost, lost)
    world.on("DELETE", R, RELEASED)
    with pytest.raises(RegistryAway) as failed:
        await registry.reserve("r-first-1")
    assert (failed.value.extra["why"], failed.value.http_status, failed.value.retryable) == (why, 503, True)
    await heard(world, "DELETE")


async def test_an_answer_that_takes_too_long_is_none(
    world: World, timed: RegistryClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("voxkit.registry.client.ANSWER_S", 0.01)

    async def never(_: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    timed.http._transport = httpx.MockTransport(never)
    with pytest.raises(RegistryAway, match="TimeoutError"):
        await timed.fleet()
    await timed.aclose()


async def test_two_seconds_in_all_are_the_limit(world: World, timed: RegistryClient, clock: Clock) -> None:
    world.on("GET", "/v1/fleet", clock.later(2.0, BUSY))  # nothing is left for the repeat
    with pytest.raises(RegistryAway):
        await timed.fleet()
    assert world.script == []


async def test_something_else_at_the_address_is_not_taken_for_the_registry(
    world: World, registry: RegistryClient
) -> None:
    world.on("PUT", R, httpx.Response(200, text="<html>"))
    world.on("DELETE", R, RELEASED)
    with pytest.raises(RegistryAway, match="not the capacity registry"):
        await registry.reserve("r-first-1")
    await heard(world, "DELETE")


@pytest.mark.parametrize(
    ("status", "code", "kind", "message"),
    [
        (400, "bad_request", VoxError, "no"),
        (429, "at_capacity", AtCapacity, "no"),
        (429, "quota_exceeded", QuotaExceeded, "no"),
        (429, "queue_full", QueueFull, "no"),
        (410, "reservation_over", ReservationOver, "no"),
        (409, "id_reused", ReservationIdReused, "no"),
        (403, "forbidden", Forbidden, "no"),
        (422, "invalid_request", Invalid, "no"),
        (404, "unknown", NotFound, "no"),
        (418, "teapot", VoxError, "no"),
    ],
)
async def test_a_refusal_has_a_type_and_is_never_asked_twice(
    world: World, registry: RegistryClient, status: int, code: str, kind: type[VoxError], message: str
) -> None:
    world.on("PUT", R, refused(status, code, used=3, detail=[1]))
    with pytest.raises(VoxError) as failed:
        await registry.reserve("r-first-1")
    assert type(failed.value) is kind
    assert (failed.value.http_status, failed.value.wire_code, failed.value.message) == (status, code, message)
    assert (failed.value.extra, failed.value.detail) == ({"used": 3}, [1])


@pytest.mark.parametrize("body", [b"not json", b"[1]"])
async def test_a_refusal_of_something_between_is_told_by_its_status(
    world: World, registry: RegistryClient, body: bytes
) -> None:
    world.on("PUT", R, httpx.Response(405, content=body))
    with pytest.raises(VoxError, match=r"The registry answered 405\.") as failed:
        await registry.reserve("r-first-1")
    assert failed.value.wire_code == "http_405"


# --- the queue -------------------------------------------------------------------------------------------------------


async def test_who_waits_hears_its_place_fall_and_then_has_a_seat(world: World, registry: RegistryClient) -> None:
    places: list[Waiting] = []
    world.on("PUT", R, answer(202, view("waiting")))
    world.on("GET", R, answer(200, view("waiting")), answer(200, view("waiting", position=1)), answer(200, view()))
    grant = await registry.reserve("r-first-1", wait=40, on_waiting=places.append)
    assert grant.worker_id == "h1-1"
    assert [place.position for place in places] == [2, 1]
    assert (places[0].waiting, places[0].eta_ms, places[0].reservation_id) == (3, 500, "r-first-1")
    polls = [request.url.params for request in world.seen if request.method == "GET"]
    assert [poll["position"] for poll in polls] == ["2", "2", "1"]
    assert {poll["state"] for poll in polls} == {"waiting"}
    assert {poll["wait_ms"] for poll in polls} == {"30000"}  # one poll is never longer


async def test_a_queue_that_ends_without_a_seat_is_said_so(world: World, registry: RegistryClient) -> None:
    world.on("PUT", R, answer(202, view("waiting")))
    world.on("GET", R, answer(200, view("expired", reason="queue_timeout")))
    with pytest.raises(QueueTimeout):
        await registry.reserve("r-first-1", wait=5)
    assert registry._open == {}


@pytest.mark.parametrize("state", ["released", "ended", "expired"])
async def test_a_reservation_that_is_over_is_no_seat(world: World, registry: RegistryClient, state: str) -> None:
    world.on("PUT", R, answer(202, view("waiting")))
    world.on("GET", R, answer(200, view(state, reason="because")))
    with pytest.raises(ReservationOver, match=rf"{state} \(because\); reserve again under a new id"):
        await registry.reserve("r-first-1", wait=5)


async def test_a_registry_that_lets_wait_for_ever_is_left(world: World, timed: RegistryClient, clock: Clock) -> None:
    world.on("PUT", R, answer(202, view("waiting")))
    world.on("GET", R, clock.later(5.9, answer(200, view("waiting"))), clock.later(0.2, answer(200, view("waiting"))))
    world.on("DELETE", R, RELEASED)
    with pytest.raises(QueueTimeout):
        await timed.reserve("r-first-1", wait=5)
    polls = [request.url.params["wait_ms"] for request in world.seen if request.method == "GET"]
    assert polls == ["6000", "100"]
    assert timed._open == {}
    await timed.aclose()


async def test_a_place_in_the_queue_can_be_asked_for_without_waiting(world: World, registry: RegistryClient) -> None:
    world.on("PUT", R, answer(202, view("waiting")), answer(202, view("waiting")))
    assert await registry.ask("r-first-1", wait=5) == Waiting("r-first-1", 2, 3, 500)
    assert await registry.ask("r-first-1", wait=5) == Waiting("r-first-1", 2, 3, 500)
    world.on("GET", R, answer(200, view("waiting", position=1)), answer(200, view()))
    assert getattr(await registry.wait("r-first-1", up_to=9, known=Waiting("r-first-1", 2, 3, None)), "fence", "")
    world.on("GET", R, answer(200, view("waiting")))
    assert await registry.wait("r-first-1", up_to=0) == Waiting("r-first-1", 2, 3, 500)
    world.on("GET", R, answer(200, view("waiting", position=None, waiting=None, eta_ms=None)))
    assert await registry.wait("r-first-1", up_to=0) == Waiting("r-first-1", 1, 1, None)
    assert "position" not in world.seen[-1].url.params
    assert world.seen[-1].url.params["wait_ms"] == "0"


async def test_cl3_a_wait_that_is_cancelled_gives_its_reservation_back(world: World, registry: RegistryClient) -> None:
    world.on("PUT", R, answer(202, view("waiting")))
    world.always["GET", R] = answer(200, view("waiting"))
    world.on("DELETE", R, RELEASED)
    waiting = asyncio.create_task(registry.reserve("r-first-1", wait=60))
    await heard(world, "GET", times=3)  # it was told at once that nothing has changed, and asked again
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await heard(world, "DELETE")


# --- with a seat in hand ---------------------------------------------------------------------------------------------


async def test_confirm_extend_and_replace_name_the_seat_that_is_meant(world: World, registry: RegistryClient) -> None:
    world.on("PUT", R, answer(201, view()))
    grant = await registry.reserve("r-first-1")
    world.on("POST", f"{R}/extend", answer(200, view(fence="v1.new", expires_in_ms=60_000)))
    grant = await registry.extend(grant, hold=60)
    assert grant.fence == "v1.new"
    world.on("POST", f"{R}/replace", answer(200, view(**seat("h2-1"))))
    grant = await registry.replace(grant, "unreachable")
    assert grant.worker_id == "h2-1"
    world.on("POST", f"{R}/confirm", answer(200, view("confirmed")))
    await registry.confirm(grant, "call-1")
    assert world.asked("POST", f"{R}/extend") == [{"hold_ms": 60_000}]
    assert world.asked("POST", f"{R}/replace") == [{"worker_id": "h1-1", "epoch": 7, "reason": "unreachable"}]
    assert world.asked("POST", f"{R}/confirm") == [{"worker_id": "h2-1", "epoch": 8, "call_id": "call-1"}]


async def test_a_replacement_may_have_to_wait_for_its_seat(world: World, timed: RegistryClient, clock: Clock) -> None:
    world.on("PUT", R, answer(201, view()))
    grant = await timed.reserve("r-first-1")
    world.on("POST", f"{R}/replace", answer(202, view("waiting")), answer(202, view("waiting")))
    world.on("GET", R, answer(200, view(**seat("h2-1"))), clock.later(3, answer(200, view("waiting"))))
    assert (await timed.replace(grant, "refused")).worker_id == "h2-1"
    with pytest.raises(QueueTimeout, match="No other seat became free"):
        await timed.replace(grant, "refused")
    await timed.aclose()


async def test_a_reservation_is_read_in_whatever_state(world: World, registry: RegistryClient) -> None:
    world.on("GET", R, answer(200, view("active", call_id="call-1")), answer(200, view("held")))
    assert (await registry.read("r-first-1", wait=1.5, state="held")).call_id == "call-1"
    assert dict(world.seen[0].url.params) == {"pool": "default", "state": "held", "wait_ms": "1500"}
    assert (await registry.read("r-first-1")).state == "held"
    assert dict(world.seen[1].url.params) == {"pool": "default", "wait_ms": "0"}


async def test_an_active_reservations_grant_has_no_fence(world: World, registry: RegistryClient) -> None:
    world.on("PUT", R, answer(200, view("active", worker_id="h1-1")))
    grant = await registry.reserve("r-first-1")
    assert (grant.state, grant.worker_id, grant.fence, grant.lb_url, grant.epoch) == ("active", "h1-1", "", "", 0)


@pytest.mark.parametrize("by_id", [True, False])
async def test_a_release_takes_a_grant_or_an_id(world: World, registry: RegistryClient, by_id: bool) -> None:
    world.on("PUT", R, answer(201, view()))
    grant = await registry.reserve("r-first-1")
    world.on("DELETE", R, RELEASED)
    await registry.release("r-first-1" if by_id else grant)
    assert len(world.asked("DELETE", R)) == 1
    assert registry._open == {}


async def test_cl2_a_release_is_repeated_for_ten_seconds_and_never_raises(
    world: World, timed: RegistryClient, clock: Clock
) -> None:
    world.on("DELETE", R, CUT, clock.later(9.9, BUSY), CUT, clock.later(0.2, BUSY))
    await timed.release("r-first-1")
    assert len(world.asked("DELETE", R)) == 4
    world.on("DELETE", R, refused(403, "forbidden"))  # a repeat cannot help
    await timed.release("r-first-1")
    assert world.script == []
    await timed.aclose()


async def test_cl2_a_release_goes_on_behind_the_caller_when_it_takes_long(
    world: World, registry: RegistryClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("voxkit.registry.client.ANSWER_S", 0.02)
    monkeypatch.setattr("voxkit.registry.client.PAUSE_S", 0.05)
    world.on("DELETE", R, BUSY, RELEASED)
    await registry.release("r-first-1")
    assert len(world.asked("DELETE", R)) == 1
    await heard(world, "DELETE", times=2)


async def test_the_block_of_a_slot_leaves_its_seat_released_whatever_happened(
    world: World, registry: RegistryClient
) -> None:
    world.on("PUT", R, answer(201, view()))
    world.on("DELETE", R, RELEASED)

    async def block() -> None:
        async with registry.slot(reservation_id="r-first-1") as slot:
            assert slot.grant.worker_id == "h1-1"
            raise LookupError

    with pytest.raises(LookupError):
        await block()
    assert len(world.asked("DELETE", R)) == 1


def test_what_a_caller_holds_cannot_be_changed_under_it(clock: Clock) -> None:
    grant = grant_of(ReservationView.model_validate(view()), clock())
    for held in (grant, Waiting("r-first-1", 1, 1, None), StartReply(None, {}, grant)):
        with pytest.raises(FrozenInstanceError):
            setattr(held, next(iter(fields(held))).name, "another")


def test_ids_are_never_the_same() -> None:
    made = {new_reservation_id() for _ in range(1_000)}
    assert len(made) == 1_000
    assert all(re.fullmatch(r"r-[0-9a-f]{20}", each) for each in made)
