"""Dials over LiveKit: the room, the one request that rings, and the bot that is brought to whoever answers."""

import time
from datetime import timedelta

import httpx
import pytest
from voxdialler import crashpoints
from voxdialler.capacity import Capacity, Seats

from .world import TRUNK

pytestmark = [pytest.mark.contract]


async def dial_sip(world, callee="answers", livekit=None, **order):
    campaign = await world.campaign()
    row = await world.row(campaign, "+15550100")
    livekit.callees["+15550100"] = callee
    leased = await world.lease(campaign, row, carrier=dict(TRUNK), **order)
    await world.run(leased)
    (attempt,) = await world.attempts(row)
    return await world.read(row), attempt


async def test_who_answers_gets_the_bot_of_the_reserved_seat(world, livekit):
    row, attempt = await dial_sip(world, livekit=livekit)
    room = f"camp-{attempt['_id']}"
    (dialled,), (made,), (start,) = livekit.dials, livekit.made, world.seats.starts
    assert (row["status"], attempt["room_name"]) == ("in_progress", room)
    assert (made.name, made.empty_timeout, made.departure_timeout) == (room, 75, 20)
    assert (dialled.sip_trunk_id, dialled.sip_call_to, dialled.sip_number) == ("ST_1", "+15550100", "+15550199")
    assert (dialled.participant_identity, dialled.wait_until_answered) == ("sip-+15550100", True)
    assert (dialled.ringing_timeout.seconds, dialled.max_call_duration.seconds) == (45, 180)
    assert (start["path"], start["worker"], start["room_name"]) == ("/attach", "w1", room)
    assert start["campaign_call_id"] == row["_id"]
    assert start["connected_event"]["_campaign_session_id"] == attempt["session_id"]
    assert start["connected_event"]["name"] == "Ana"


@pytest.mark.parametrize(
    ("callee", "outcome", "sip_status"),
    [("busy", "rejected", 486), ("no_answer", "no_answer", 480), ("trunk", "error", 503)],
)
async def test_a_sip_status_becomes_the_outcome(world, livekit, callee, outcome, sip_status):
    row, attempt = await dial_sip(world, callee, livekit=livekit)
    assert (attempt["outcome"], attempt["sip_status"], row["status"]) == (outcome, sip_status, "retry_scheduled")
    assert world.seats.held == {}


async def test_a_request_that_is_cut_is_not_repeated_and_the_room_tells(world, livekit):
    """The client library would repeat a failed request by itself; that would ring somebody twice."""
    row, _ = await dial_sip(world, "drops", livekit=livekit)
    assert (row["status"], len(livekit.dials)) == ("in_progress", 1)


ATTACH = [
    ("the seat was taken", [httpx.Response(409, json={"error": "stale_reservation"})], "in_progress", 2),
    ("the worker is away", [httpx.Response(503, json={"error": "worker_unreachable"})], "in_progress", 2),
    ("refused connection", [httpx.ConnectError("refused")], "in_progress", 2),
    ("three seats", [httpx.Response(409, json={"error": "stale_reservation"})] * 3, "abandoned", 3),
    ("a wrong secret", [httpx.Response(403, json={"error": "forbidden"})], "abandoned", 1),
    ("a bad request", [httpx.Response(422, json={"error": "invalid"})], "abandoned", 1),
    ("no answer, no bot", [httpx.ReadTimeout("late"), httpx.ReadTimeout("late")], "abandoned", 2),
    ("no answer, then the same call", [httpx.ReadTimeout("late")], "in_progress", 2),
]  # fmt: skip


@pytest.mark.parametrize(("_name", "answers", "status", "starts"), ATTACH, ids=[case[0] for case in ATTACH])
async def test_each_answer_to_the_attach_means_what_the_table_says(world, livekit, _name, answers, status, starts):
    world.seats.answers = list(answers)
    row, attempt = await dial_sip(world, livekit=livekit)
    assert (row["status"], len(world.seats.starts)) == (status, starts)
    if status == "abandoned":
        assert attempt["outcome"] == "abandoned"
        assert livekit.deleted == [attempt["room_name"]]
        assert world.seats.held == {}


@pytest.mark.parametrize(
    ("answers", "status", "asked"),
    [
        ({"one": 429, "two": 200}, "in_progress", ["one", "two"]),
        ({"two": 200}, "in_progress", ["one", "two"]),
        ({"one": 429, "two": 429}, "abandoned", ["one", "two"]),
        ({"one": 422, "two": 200}, "abandoned", ["one"]),
    ],
    ids=["the freest is full", "the freest is away", "all are full", "a bad request"],
)
async def test_while_the_registry_is_away_the_freest_host_that_has_room_takes_the_call(
    world, livekit, answers, status, asked
):
    hosts = []

    def answer(request: httpx.Request) -> httpx.Response:
        hosts.append(request.url.host.partition(".")[0])
        if hosts[-1] not in answers:
            raise httpx.ConnectError("refused")
        return httpx.Response(answers[hosts[-1]], json={})

    world.ctx.http = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    world.ctx.capacity = Capacity(world.seats, world.ctx.http, fallback=True, poll_s=3, timeout_s=1)
    world.ctx.capacity.seats = Seats("poll", 8, 4, time.monotonic(), (("http://two.test", 1), ("http://one.test", 3)))
    row, attempt = await dial_sip(world, livekit=livekit)
    assert (row["status"], hosts) == (status, asked)
    assert world.seats.starts == []
    assert livekit.deleted == ([attempt["room_name"]] if status == "abandoned" else [])


async def test_a_wrong_secret_opens_the_attach_breaker_at_once(world, livekit):
    world.seats.answers = [httpx.Response(403, json={"error": "forbidden"})]
    await dial_sip(world, livekit=livekit)
    assert world.ctx.breakers.of("attach").state == "open"


async def test_a_start_whose_answer_is_lost_counts_when_the_bot_is_in_the_room(world, livekit):
    def join(request):
        room = world.seats.starts[-1]["room_name"]
        if len(livekit.rooms[room]) < 2:
            livekit.join(room, "bot-1")
        raise httpx.ReadTimeout("late")

    world.seats.on_start = join
    row, _ = await dial_sip(world, livekit=livekit)
    assert row["status"] == "in_progress"


async def test_without_a_pinned_seat_one_is_reserved_at_the_answer(world, livekit):
    row, attempt = await dial_sip(world, livekit=livekit, pinned=False)
    assert row["status"] == "in_progress"
    assert (world.seats.held[attempt["_id"]]["hold"], world.seats.held[attempt["_id"]]["wait"]) == (15, 1.5)


async def test_an_answered_callee_without_any_seat_is_abandoned(world, livekit):
    world.seats.free = 0
    row, _ = await dial_sip(world, livekit=livekit, pinned=False)
    assert row["status"] == "abandoned"


async def test_a_callee_alone_in_the_room_after_a_crash_still_gets_a_bot(world, livekit, crash):
    campaign = await world.campaign()
    row = await world.row(campaign, "+15550100")
    livekit.callees["+15550100"] = "answers"
    order = await world.lease(campaign, row, carrier=dict(TRUNK))
    await crash.during("dial.10", world, order)
    await world.age(row, timedelta(seconds=90))
    after = await world.recover(row)
    assert (after["status"], len(livekit.dials), len(world.seats.starts)) == ("in_progress", 1, 1)


async def test_a_bot_that_is_already_there_after_a_crash_stays_the_only_one(world, livekit, crash):
    campaign = await world.campaign()
    row = await world.row(campaign, "+15550100")
    livekit.callees["+15550100"] = "answers"
    order = await world.lease(campaign, row, carrier=dict(TRUNK))
    await crash.during("dial.10", world, order)
    livekit.join(f"camp-{order.attempt_id}", "bot-7")
    await world.age(row, timedelta(seconds=90))
    after = await world.recover(row)
    assert (after["status"], world.seats.starts) == ("in_progress", [])


async def test_nobody_in_the_room_after_a_crash_counts_as_lost(world, livekit, crash):
    campaign = await world.campaign()
    row = await world.row(campaign, "+15550100")
    livekit.callees["+15550100"] = "answers"
    order = await world.lease(campaign, row, carrier=dict(TRUNK))
    await crash.during("dial.7", world, order)
    await world.age(row, timedelta(seconds=200))
    after = await world.recover(row)
    (attempt,) = await world.attempts(row)
    assert (attempt["outcome"], attempt["error"], after["status"]) == ("error", "dialler_lost", "retry_scheduled")
    assert (after["attempt_count"], livekit.dials) == (1, [])


async def test_a_seat_that_waits_is_used_although_others_were_refused_one_in_this_turn(world, livekit):
    campaign = await world.campaign()
    row = await world.row(campaign, "+15550100")
    livekit.callees["+15550100"] = "answers"
    world.seats.free = 1
    order = await world.lease(campaign, row, carrier=dict(TRUNK))
    with crashpoints.watched(lambda name: world.ctx.capacity.refused("capacity") if name == "dial.2" else None):
        await world.run(order)
    assert (await world.read(row))["status"] == "in_progress"
