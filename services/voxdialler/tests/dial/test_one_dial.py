"""A dial goes from the lease to the conversation or to the end, line by line."""

import asyncio
from datetime import timedelta

import pytest
from voxdialler import dial

from .endings import settles_once
from .fake_carrier import ANSWER, RING, TALKS, Plan, Refused, ends

pytestmark = [pytest.mark.integration]


async def test_a_callee_who_answers_gets_the_bot_and_the_result_is_left_to_settle_the_row(world):
    campaign = await world.campaign()
    row = await world.row(campaign, "+15550100")
    after = await world.dial(campaign, row)
    (attempt,) = await world.attempts(row)
    assert (after["status"], after["attempt_count"]) == ("in_progress", 1)
    assert after["current_session_id"] == attempt["session_id"]
    assert None not in (attempt["dialled_at"], attempt["answered_at"], attempt["attached_at"])
    assert attempt["outcome"] is None
    assert attempt["_id"] in world.seats.held


OUTCOMES = [
    ("nobody answers", Plan((RING, ends("no_answer", sip_status=480))), "no_answer", "no_answer", "retry_scheduled"),
    ("busy", Plan((RING, ends("busy", sip_status=486))), "rejected", "rejected", "retry_scheduled"),
    ("refuses", Plan((RING, ends("rejected", sip_status=603))), "rejected", "rejected", "retry_scheduled"),
    ("no such number", Plan((RING, ends("invalid_number", sip_status=404))), "invalid_number", "error", "exhausted"),
    ("carrier fails", Plan((RING, ends("error", sip_status=503))), "error", "error", "retry_scheduled"),
    ("leaves before the bot", Plan((RING, ANSWER, ends("hangup"))), "rejected", "rejected", "retry_scheduled"),
    ("a machine", Plan((RING, ANSWER, ends("machine"))), "amd_machine", "voicemail", "amd_machine"),
    ("no worker", Plan((RING, ANSWER, ends("media_refused"))), "abandoned", "error", "abandoned"),
]


@pytest.mark.parametrize(("_name", "plan", "outcome", "by", "status"), OUTCOMES, ids=[case[0] for case in OUTCOMES])
async def test_every_end_without_a_worker_settles_attempt_row_and_seat(world, _name, plan, outcome, by, status):
    campaign = await world.campaign()
    row = await world.row(campaign, "+15550100", plan)
    after = await world.dial(campaign, row)
    (attempt,) = await world.attempts(row)
    assert (attempt["outcome"], attempt["disconnected_by"], after["status"]) == (outcome, by, status)
    assert attempt["ended_at"] is not None
    assert attempt["ring_seconds"] is not None
    assert (after["lease_id"], after["current_session_id"], after["attempt_count"]) == (None, None, 1)
    assert world.seats.held == {}
    assert (after["next_retry_at"] is not None) == (status == "retry_scheduled")


async def test_a_carrier_that_is_full_leaves_the_row_as_if_it_had_never_been_leased(world):
    campaign = await world.campaign()
    row = await world.row(campaign, "+15550100", Plan(refuse=Refused("not_placed", "channels_full", retry_after=5)))
    after = await world.dial(campaign, row)
    (attempt,) = await world.attempts(row)
    assert (after["status"], after["attempt_count"], after["lease_id"]) == ("pending", 0, None)
    assert (attempt["outcome"], attempt["dialled_at"]) == ("not_placed", None)
    assert world.seats.held == {}


async def test_an_order_without_an_answer_is_looked_for_and_never_sent_again(world):
    campaign = await world.campaign()
    row = await world.row(campaign, "+15550100", Plan(TALKS, silent=True))
    after = await world.dial(campaign, row)
    assert after["status"] == "in_progress"
    assert len(world.carrier.orders) == 1


async def held_up(carrier_id: str) -> None:
    """In place of `Buckets.leave`: others leave first."""
    await asyncio.sleep(0.3)


async def test_an_order_that_waits_for_the_rate_expires_by_the_time_that_stands_in_its_attempt(world, monkeypatch):
    """Whoever looks for it later counts from there: an order good for longer could ring after it was given up."""
    monkeypatch.setattr(world.ctx.buckets, "leave", held_up)
    campaign = await world.campaign()
    row = await world.row(campaign, "+15550100")
    await world.dial(campaign, row)
    (attempt,), (order,) = await world.attempts(row), world.carrier.orders
    assert timedelta() <= order.not_after - attempt["dialled_at"] - timedelta(seconds=10) < timedelta(milliseconds=1)


async def test_an_order_that_was_held_up_for_too_long_is_never_sent_and_counts_nowhere(world, monkeypatch):
    monkeypatch.setattr(world.ctx.buckets, "leave", held_up)
    monkeypatch.setattr(dial, "TOO_LATE_S", 0.2)
    campaign = await world.campaign()
    row = await world.row(campaign, "+15550100")
    assert (await world.dial(campaign, row))["status"] == "dialling"
    assert not world.carrier.orders
    monkeypatch.setattr(dial, "PROOF_AFTER_S", 0.2)
    await settles_once(world, row, [], killed_at="held up", talks=False)
    assert (await world.read(row))["attempt_count"] == 0


async def test_without_a_pinned_seat_the_carrier_gets_the_open_socket_and_no_seat_is_asked_for(world):
    campaign = await world.campaign()
    row = await world.row(campaign, "+15550100")
    await world.run(await world.lease(campaign, row, pinned=False))
    (order,) = world.carrier.orders
    assert order.media.url == "wss://fleet.test/ws/demo?token=t0"
    assert world.seats.held == {}


SCREENING = [
    ("the deployment screens", True, None, True),
    ("the campaign does not want it", True, False, False),
    ("only the campaign wants it", False, True, True),
    ("nobody wants it", False, None, False),
]


@pytest.mark.parametrize(("_name", "deployment", "own", "screened"), SCREENING, ids=[case[0] for case in SCREENING])
async def test_the_carrier_screens_when_campaign_or_deployment_wants_it(world, _name, deployment, own, screened):
    amd = {"enabled": deployment, "max_words": 7}
    await world.db["system_settings"].insert_one({"_id": "system", "dialler": {"amd": amd}})
    campaign = await world.campaign(amd={"enabled": own})
    await world.dial(campaign, await world.row(campaign, "+15550100"))
    (order,) = world.carrier.orders
    assert (order.amd is not None) == screened
    if order.amd is not None:
        assert (order.amd["enabled"], order.amd["max_words"]) == (True, 7)


async def test_without_the_carriers_credentials_nothing_is_sent_and_the_attempt_does_not_count(world):
    world.ctx.accounts.away = True
    campaign = await world.campaign()
    after = await world.dial(campaign, await world.row(campaign, "+15550100"))
    assert (after["status"], after["attempt_count"], world.carrier.orders) == ("pending", 0, [])
    assert world.seats.held == {}


async def test_a_carrier_over_livekit_without_livekit_gives_the_lease_back(world):
    campaign = await world.campaign()
    row = await world.row(campaign, "+15550100")
    sip = {"_id": "lk", "originate": "livekit_sip", "lk_outbound_trunk_id": "ST_1"}
    await world.run(await world.lease(campaign, row, carrier=sip))
    assert (await world.read(row))["status"] == "pending"
