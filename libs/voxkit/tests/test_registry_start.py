"""A start that is made on two seats, or a seat that is kept by a start that was refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from voxkit.errors import AtCapacity
from voxkit.registry import QueueTimeout, RegistryClient, Slot, StartFailed, StartUnknown
from voxkit.registry.slot import judge

from .registry_world import SEAT, R, World, answer, refused, seat, view

pytestmark = [pytest.mark.unit]

START = "/livekit/dispatch"
STALE = refused(409, "stale_reservation")
LOST = httpx.ReadTimeout("sent, and then nothing")
TAKEN = answer(200, {"status": "accepted", "call_id": "call-1"})


@pytest.fixture
async def slot(world: World, registry: RegistryClient) -> AsyncIterator[Slot]:
    """A seat in hand; whatever is left of it is released."""
    world.on("PUT", R, answer(201, view()))
    world.always["DELETE", R] = answer(200, {"state": "released"})
    async with registry.slot(reservation_id="r-first-1", hold=15) as slot:
        yield slot


async def start(slot: Slot) -> Any:
    return await slot.start(START, json={"name": "one"}, timeout=5)


def fences(world: World) -> list[tuple[str, str]]:
    """Seat and fence of every start."""
    starts = [request for request in world.seen if request.url.path == START]
    return [(request.headers["X-Vox-Worker"], request.headers["X-Vox-Fence"]) for request in starts]


async def test_a_start_that_is_taken_is_confirmed_and_the_seat_kept(world: World, registry: RegistryClient) -> None:
    world.on("PUT", R, answer(201, view()))
    world.on("POST", START, TAKEN, host=SEAT)
    world.on("POST", f"{R}/confirm", answer(200, view("confirmed")))
    async with registry.slot(reservation_id="r-first-1") as slot:
        assert not slot.begun
        reply = await start(slot)
    assert (reply.call_id, reply.body["status"], reply.grant.worker_id) == ("call-1", "accepted", "h1-1")
    assert world.asked("POST", START, SEAT) == [{"name": "one"}]
    assert fences(world) == [("h1-1", "v1.h1-1.7.r-first-1.9.x")]
    assert world.asked("POST", f"{R}/confirm") == [{"worker_id": "h1-1", "epoch": 7, "call_id": "call-1"}]
    assert world.asked("DELETE", R) == []


@pytest.mark.parametrize("body", [{}, {"call_id": 7}])
async def test_a_start_without_a_readable_call_id_is_taken_all_the_same(world: World, slot: Slot, body: Any) -> None:
    world.on("POST", START, answer(202, body), host=SEAT)
    world.on("POST", f"{R}/confirm", answer(200, view("confirmed")))
    assert (await start(slot)).call_id is None
    assert world.asked("POST", f"{R}/confirm") == [{"worker_id": "h1-1", "epoch": 7}]


async def test_a_start_may_take_ten_seconds_and_its_connection_two(world: World, slot: Slot) -> None:
    world.on("POST", START, TAKEN, host=SEAT)
    world.on("POST", f"{R}/confirm", answer(200, view("confirmed")))
    await slot.start(START, json={})
    (limits,) = (request.extensions["timeout"] for request in world.seen if request.url.path == START)
    assert (limits["connect"], limits["read"]) == (2.0, 10)


async def test_a_confirmation_that_is_not_heard_ends_no_call(world: World, slot: Slot) -> None:
    world.on("POST", START, TAKEN, host=SEAT)
    world.on("POST", f"{R}/confirm", refused(410, "reservation_over"))
    assert (await start(slot)).call_id == "call-1"
    assert slot.begun


@pytest.mark.parametrize(
    ("refusal", "reason"),
    [
        (STALE, "refused"),
        (refused(503, "worker_unreachable"), "unreachable"),
        (httpx.ConnectError("nobody there"), "unreachable"),
        (httpx.ConnectTimeout("nobody there"), "unreachable"),
    ],
    ids=["stale", "balancer", "refused", "timeout"],
)
async def test_a_seat_that_does_not_take_the_start_is_replaced(
    world: World, slot: Slot, refusal: Any, reason: str
) -> None:
    world.on("POST", START, refusal, TAKEN, host=SEAT)
    world.on("POST", f"{R}/replace", answer(200, view(**seat("h2-1"))))
    world.on("POST", f"{R}/confirm", answer(200, view("confirmed")))
    assert (await start(slot)).grant.worker_id == "h2-1"
    assert world.asked("POST", f"{R}/replace") == [{"worker_id": "h1-1", "epoch": 7, "reason": reason}]
    assert fences(world) == [("h1-1", "v1.h1-1.7.r-first-1.9.x"), ("h2-1", "fence-of-h2-1")]


async def test_three_seats_are_tried_and_no_fourth(world: World, registry: RegistryClient) -> None:
    world.on("PUT", R, answer(201, view()))
    world.on("POST", START, STALE, STALE, STALE, host=SEAT)
    world.on("POST", f"{R}/replace", answer(200, view(**seat("h2-1"))), answer(200, view(**seat("h3-1"))))
    world.on("DELETE", R, answer(200, {"state": "released"}))
    async with registry.slot(reservation_id="r-first-1") as slot:
        with pytest.raises(AtCapacity, match="No seat took the start"):
            await start(slot)
        assert not slot.begun
    assert [worker for worker, _ in fences(world)] == ["h1-1", "h2-1", "h3-1"]


async def test_after_three_seconds_no_other_seat_is_looked_for(
    world: World, slot: Slot, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = iter([100.0, 103.0])
    slot._monotonic = lambda: next(times)
    world.on("POST", START, STALE, host=SEAT)
    with pytest.raises(AtCapacity):
        await start(slot)


async def test_without_another_seat_the_queue_has_the_last_word(world: World, slot: Slot) -> None:
    world.on("POST", START, STALE, host=SEAT)
    world.on("POST", f"{R}/replace", answer(202, view("waiting")))
    world.on("GET", R, answer(200, view("expired", reason="queue_timeout")))
    with pytest.raises(QueueTimeout):
        await start(slot)


@pytest.mark.parametrize(
    "lost",
    [LOST, httpx.RemoteProtocolError("cut"), httpx.Response(504, text="<html>"), refused(502, "outcome_unknown")],
    ids=["timeout", "cut", "gateway", "balancer"],
)
async def test_a_start_that_may_have_arrived_is_repeated_at_the_same_seat_only(
    world: World, slot: Slot, lost: Any
) -> None:
    world.on("POST", START, lost, TAKEN, host=SEAT)
    world.on("POST", f"{R}/confirm", answer(200, view("confirmed")))
    assert (await start(slot)).call_id == "call-1"
    assert len(set(fences(world))) == 1


async def test_the_workers_word_counts_when_its_answer_is_lost_twice(world: World, slot: Slot) -> None:
    world.on("POST", START, LOST, LOST, host=SEAT)
    world.on("GET", R, answer(200, view("active", worker_id="h1-1", call_id="call-9")))
    reply = await start(slot)
    assert (reply.call_id, reply.body) == ("call-9", {})
    assert dict(world.seen[-1].url.params) == {"pool": "default", "state": "held", "wait_ms": "3000"}


@pytest.mark.parametrize("last", [answer(200, view("held")), refused(404, "unknown"), refused(410, "reservation_over")])
async def test_a_start_whose_end_nobody_knows_is_made_nowhere_else(
    world: World, registry: RegistryClient, last: httpx.Response
) -> None:
    world.on("PUT", R, answer(201, view()))
    world.on("POST", START, LOST, STALE, host=SEAT)
    world.on("GET", R, last)
    async with registry.slot(reservation_id="r-first-1") as slot:
        with pytest.raises(StartUnknown) as failed:
            await start(slot)
        assert not failed.value.retryable
        assert slot.begun
    assert world.asked("DELETE", R) == []  # it is left to its deadline
    await asyncio.sleep(0)


async def test_the_workers_own_refusal_is_passed_on_and_the_seat_released(
    world: World, registry: RegistryClient
) -> None:
    world.on("PUT", R, answer(201, view()))
    world.on("POST", START, refused(422, "invalid_bot", field="name"), host=SEAT)
    world.on("DELETE", R, answer(200, {"state": "released"}))
    with pytest.raises(StartFailed, match="no") as failed:
        async with registry.slot(reservation_id="r-first-1") as slot:
            await start(slot)
    assert (failed.value.http_status, failed.value.wire_code) == (422, "invalid_bot")
    assert failed.value.worker_body == {"error": "invalid_bot", "message": "no", "field": "name"}


async def test_a_refusal_without_words_is_told_by_its_status(world: World, slot: Slot) -> None:
    world.on("POST", START, httpx.Response(500, text="oops"), host=SEAT)
    with pytest.raises(StartFailed, match="The worker answered 500") as failed:
        await start(slot)
    assert failed.value.wire_code == "start_failed"


async def test_a_repeat_that_finds_its_call_running_starts_no_other(world: World, registry: RegistryClient) -> None:
    world.on("PUT", R, answer(200, view("active", worker_id="h1-1")))
    world.on("GET", R, answer(200, view("active", worker_id="h1-1", call_id="call-9")))
    async with registry.slot(reservation_id="r-first-1") as slot:
        reply = await start(slot)
    assert (reply.call_id, reply.body, reply.grant.worker_id) == ("call-9", {}, "h1-1")
    assert fences(world) == []


async def test_a_seat_that_is_handed_over_is_left_to_its_deadline(world: World, registry: RegistryClient) -> None:
    world.on("PUT", R, answer(201, view()))
    async with registry.slot(reservation_id="r-first-1") as slot:
        assert slot.hand_over().worker_id == "h1-1"
    assert world.asked("DELETE", R) == []
    world.on("DELETE", R, answer(200, view(state="released")))
    await slot.give_back()
    assert len(world.asked("DELETE", R)) == 1


@pytest.mark.parametrize(
    ("status", "code", "verdict"),
    [
        (200, None, "started"), (299, None, "started"), (300, None, "failed"), (199, None, "failed"),
        (409, "stale_reservation", "elsewhere"), (409, "call_exists", "failed"), (409, None, "failed"),
        (503, "worker_unreachable", "elsewhere"), (503, "draining", "failed"),
        (502, None, "unknown"), (504, "outcome_unknown", "unknown"), (502, "provider_failed", "failed"),
        (500, None, "failed"), (429, "at_capacity", "failed"),
    ],
)  # fmt: skip
def test_what_an_answer_to_a_start_means(status: int, code: str | None, verdict: str) -> None:
    assert judge(httpx.Response(status, json={"error": code} if code else {}))[0] == verdict


@pytest.mark.parametrize("body", [b"", b"[1, 2]", b"\xff"])
def test_a_body_that_is_no_object_says_nothing(body: bytes) -> None:
    assert judge(httpx.Response(200, content=body)) == ("started", "refused", {})
