"""Contacts without a task are found and adopted once; who lost them meanwhile can write nothing any more."""

import asyncio
import uuid
from datetime import timedelta

import pytest
from voxdialler import recovery, rows
from voxdialler.conversations import Conversations
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
    assert (await recovery.look(world.ctx)).orphans == []
    await world.age(row, timedelta(seconds=66))
    assert [found["_id"] for found in (await recovery.look(world.ctx)).orphans] == [row["_id"]]


async def test_after_a_leader_that_vanished_its_contacts_are_adopted_at_once(world, crash):
    """D4: the owner of a lower epoch is known to be dead."""
    row = await killed_while_ringing(world, crash)
    assert (await recovery.look(world.ctx, vanished_before=7)).orphans == []
    assert [found["_id"] for found in (await recovery.look(world.ctx, vanished_before=8)).orphans] == [row["_id"]]


async def test_a_contact_with_a_task_here_is_no_orphan(world, crash):
    row = await killed_while_ringing(world, crash)
    await world.age(row, timedelta(seconds=90))
    attempt_id = (await world.read(row))["lease_id"]
    stay = asyncio.Event()
    world.ctx.tasks.start(attempt_id, row["_id"], stay.wait())
    assert (await recovery.look(world.ctx)).orphans == []
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


class Watch:
    """Conversations as a leader sees them from scan to scan."""

    def __init__(self, world):
        self.world, self.clock = world, 0.0
        world.ctx.monotonic = lambda: self.clock
        self.conversations = Conversations(world.ctx)

    async def lost(self, at):
        self.clock = float(at)
        seen = await recovery.look(self.world.ctx)
        assert seen.orphans == []
        return [row["_id"] for row in await self.conversations.lost(seen.talking)]


@pytest.mark.parametrize("known_by", ["reservation_id", "session_id"])
async def test_a_long_conversation_on_a_worker_is_no_orphan_and_is_not_touched(world, known_by):
    """A call for which no seat was reserved is known by its session alone."""
    row = await in_conversation(world, status_changed_at=utc_now() - timedelta(seconds=3_000))
    before, watch = await world.read(row), Watch(world)
    if known_by == "session_id":
        world.seats.held.clear()
        world.seats.sessions = [before["current_session_id"]]
    for at in (0, 300, 900, 3_000):
        assert await watch.lost(at) == []
    assert await world.read(row) == before


async def test_a_call_that_no_worker_was_seen_with_for_ten_minutes_is_lost(world):
    row = await in_conversation(world)
    watch = Watch(world)
    held = dict(world.seats.held)
    world.seats.held.clear()
    assert await watch.lost(0) == []
    assert await watch.lost(599) == []
    world.seats.held.update(held)  # the registry had forgotten it for a while
    assert await watch.lost(601) == []
    world.seats.held.clear()
    assert await watch.lost(700) == []
    assert await watch.lost(1_299) == []
    assert await watch.lost(1_300) == [row["_id"]]


async def test_while_the_registry_is_away_no_call_is_lost(world):
    await in_conversation(world)
    watch = Watch(world)
    world.seats.held.clear()
    assert await watch.lost(0) == []
    answering, world.seats.seats = world.seats.seats, world.seats.is_away
    assert await watch.lost(600) == []
    world.seats.seats = answering
    assert await watch.lost(601) == []


async def test_a_look_reads_little_of_each_contact(world):
    """Ten thousand contacts under way, each with a hundred variables, are looked at every half minute."""
    campaign = await world.campaign()
    await world.lease(campaign, await world.row(campaign, "+15550100", variables={"note": "x" * 2_000}))
    world.restart()
    (found,) = (await recovery.look(world.ctx, vanished_before=8)).orphans
    assert set(found) == {*recovery.SEEN, "_id"} - {"current_session_id"}


async def test_a_conversation_whose_worker_vanished_ends_as_worker_lost(world):
    row = await in_conversation(world)
    world.seats.held.clear()
    after = await world.recover(row)
    (attempt,) = await world.attempts(row)
    assert (attempt["outcome"], attempt["error"], after["status"]) == ("error", "worker_lost", "retry_scheduled")


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
