"""Contacts without a task are found and adopted once; who lost them meanwhile can write nothing any more."""

import asyncio
import uuid
from datetime import timedelta

import pytest
from voxdialler import recovery, rows
from voxkit.clock import utc_now

from .fake_carrier import RING, TALKS, Plan, ends

pytestmark = [pytest.mark.integration]


async def killed_while_ringing(world, crash, plan=None):
    campaign = await world.campaign()
    row = await world.row(campaign, "+15550100", plan or Plan(TALKS))
    await crash.at("dial.9", world, campaign, row)
    return row


async def test_a_contact_is_an_orphan_only_after_its_lease_lapsed(world, crash):
    row = await killed_while_ringing(world, crash)
    world.restart()
    assert await recovery.orphans(world.ctx) == []
    await world.age(row, timedelta(seconds=66))
    assert [found["_id"] for found in await recovery.orphans(world.ctx)] == [row["_id"]]


async def test_after_a_leader_that_vanished_its_contacts_are_adopted_at_once(world, crash):
    """D4: the owner of a lower epoch is known to be dead."""
    row = await killed_while_ringing(world, crash)
    assert await recovery.orphans(world.ctx, vanished_before=7) == []
    assert [found["_id"] for found in await recovery.orphans(world.ctx, vanished_before=8)] == [row["_id"]]


async def test_a_contact_with_a_task_here_is_no_orphan(world, crash):
    row = await killed_while_ringing(world, crash)
    await world.age(row, timedelta(seconds=90))
    attempt_id = (await world.read(row))["lease_id"]
    stay = asyncio.Event()
    world.ctx.tasks.start(attempt_id, row["_id"], stay.wait())
    assert await recovery.orphans(world.ctx) == []
    stay.set()
    await world.ctx.tasks.settle(1)


async def test_of_two_diallers_one_adopts(world, crash):
    row = await killed_while_ringing(world, crash)
    seen = await world.read(row)
    first, second = world.another(), world.another()
    adopted = [await recovery.adopt(first, seen), await recovery.adopt(second, seen)]
    assert [found is not None for found in adopted] == [True, False]


async def test_a_frozen_dialler_writes_nothing_after_its_contact_was_adopted(world):
    campaign = await world.campaign()
    row = await world.row(campaign, "+15550100")
    leased = await world.lease(campaign, row)
    adopted = await recovery.adopt(world.another(), leased.row)
    assert adopted is not None
    with pytest.raises(rows.LeaseLost):
        await rows.move(world.ctx, rows.Lease.of(leased.row), ("leased",), "dialling")
    assert (await world.read(row))["status"] == "leased"


async def test_a_carrier_that_is_away_decides_nothing(world, crash):
    row = await killed_while_ringing(world, crash, Plan((RING, ends("no_answer", after_s=0.3))))
    world.restart()
    world.carrier.away = True
    waiting = asyncio.ensure_future(world.recover(row))
    await asyncio.sleep(0.2)
    assert (await world.read(row))["status"] == "ringing"
    world.carrier.away = False
    assert (await waiting)["status"] == "retry_scheduled"


async def in_conversation(world, **fields):
    campaign = await world.campaign()
    row = await world.row(campaign, "+15550100")
    await world.dial(campaign, row)
    await world.db["campaign_calls"].update_one({"_id": row["_id"]}, {"$set": fields})
    return row


async def test_a_conversation_whose_worker_vanished_ends_as_worker_lost(world):
    row = await in_conversation(world, status_changed_at=utc_now() - timedelta(seconds=601))
    world.seats.held.clear()
    after = await world.recover(row)
    (attempt,) = await world.attempts(row)
    assert (attempt["outcome"], attempt["error"], after["status"]) == ("error", "worker_lost", "retry_scheduled")


async def test_a_conversation_on_a_worker_goes_on(world):
    row = await in_conversation(world, status_changed_at=utc_now() - timedelta(seconds=601))
    assert (await world.recover(row))["status"] == "in_progress"


async def test_a_conversation_whose_result_is_stored_is_left_to_the_result(world):
    row = await in_conversation(world, lease_expires_at=utc_now() - timedelta(seconds=60))
    session_id = (await world.read(row))["current_session_id"]
    await world.db["calls"].insert_one({"_id": session_id, "result_received_at": utc_now()})
    assert (await world.recover(row))["status"] == "in_progress"


async def test_a_contact_whose_attempt_is_gone_does_not_hang_for_ever(world):
    now = utc_now() - timedelta(seconds=90)
    held = {"lease_id": uuid.uuid4().hex, "lease_owner": "gone#1", "lease_expires_at": now, "leased_from": "pending"}
    campaign = await world.campaign()
    row = await world.row(campaign, "+15550100", status="ringing", **held)
    assert (await world.recover(row))["status"] == "exhausted"
