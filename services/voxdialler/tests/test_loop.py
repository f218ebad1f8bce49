"""A turn of the loop leases what can be dialled now, and says on the campaign why it does not (sections 3 and 17)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from pymongo import AsyncMongoClient
from pymongo.errors import AutoReconnect
from voxdialler import dial, lease
from voxkit.clock import utc_now

from .dial.fake_carrier import RING, Plan
from .turns import Turns, opened

pytestmark = [pytest.mark.integration]
RINGS = Plan((RING,))


@pytest.fixture
async def dialler(mongodb_uri: str, mongo_db_name: str) -> AsyncIterator[Turns]:
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(mongodb_uri, tz_aware=True)
    async for made in opened(client[mongo_db_name]):
        yield made
    await client.close()


async def test_a_turn_brings_every_due_contact_to_its_conversation(dialler: Turns) -> None:
    campaign = await dialler.world.campaign()
    await dialler.contacts(campaign, 5)
    await dialler.tick()
    await dialler.settle()
    assert await dialler.states(campaign) == ["in_progress"] * 5
    assert len(dialler.world.carrier.orders) == 5
    await dialler.loop.tick()
    assert len(dialler.world.carrier.orders) == 5


async def test_no_more_is_leased_than_the_campaign_may_talk_at_once(dialler: Turns) -> None:
    campaign = await dialler.world.campaign(concurrency_limit=2)
    await dialler.contacts(campaign, 5)
    for _ in range(3):
        await dialler.tick()
        await dialler.settle()
    assert sorted(await dialler.states(campaign)) == ["in_progress"] * 2 + ["pending"] * 3


async def test_contacts_are_dialled_in_order_callbacks_first_tries_then_retries(dialler: Turns) -> None:
    campaign = await dialler.world.campaign(concurrency_limit=1)
    now = utc_now()
    await dialler.world.row(
        campaign, "+15550001", row_no=1, status="retry_scheduled", attempt_count=1,
        next_retry_at=now - timedelta(hours=3),
    )  # fmt: skip
    await dialler.world.row(campaign, "+15550003", row_no=3)
    await dialler.world.row(campaign, "+15550002", row_no=2)
    await dialler.world.row(
        campaign, "+15550004", row_no=4, status="callback_scheduled", attempt_count=1,
        next_retry_at=now - timedelta(seconds=1),
    )  # fmt: skip
    for _ in range(4):
        await dialler.tick()
        await dialler.settle()
        await dialler.world.db["campaign_calls"].update_many(
            {"status": "in_progress"}, {"$set": {"status": "completed"}}
        )
    assert [order.to for order in dialler.world.carrier.orders] == ["+15550004", "+15550002", "+15550003", "+15550001"]


async def test_a_contact_that_is_not_due_waits_for_its_time(dialler: Turns) -> None:
    campaign = await dialler.world.campaign()
    later = utc_now() + timedelta(minutes=10)
    await dialler.world.row(campaign, "+15550001", status="retry_scheduled", attempt_count=1, next_retry_at=later)
    await dialler.world.db["campaigns"].update_one({"_id": "c1"}, {"$set": {"stats": {"retry_scheduled": 1}}})
    await dialler.tick()
    assert await dialler.states(campaign) == ["retry_scheduled"]
    live = await dialler.live(campaign)
    assert (live["state"], live["next_at"]) == ("waiting_retries", later)


@pytest.mark.parametrize("status", ["paused", "completed", "failed", "draft"])
async def test_only_a_running_campaign_is_dialled(dialler: Turns, status: str) -> None:
    campaign = await dialler.world.campaign()
    await dialler.contacts(campaign, 2)
    await dialler.world.db["campaigns"].update_one({"_id": "c1"}, {"$set": {"status": status}})
    await dialler.tick()
    assert await dialler.states(campaign) == ["pending"] * 2


async def test_outside_its_window_nothing_is_dialled_and_the_next_opening_is_shown(dialler: Turns) -> None:
    now = utc_now()
    opens = (now + timedelta(hours=2)).replace(minute=0, second=0, microsecond=0)
    window = {"start": f"{opens:%H}:00", "end": f"{opens + timedelta(hours=1):%H}:00", "timezone": "UTC"}
    campaign = await dialler.world.campaign(time_window=window)
    await dialler.contacts(campaign, 2)
    await dialler.tick()
    assert await dialler.states(campaign) == ["pending"] * 2
    live = await dialler.live(campaign)
    assert (live["state"], live["next_at"]) == ("outside_window", opens)


async def test_free_seats_are_shared_alike_and_nobody_dials_without_one(dialler: Turns) -> None:
    one, two = await dialler.world.campaign("c1"), await dialler.world.campaign("c2")
    await dialler.contacts(one, 10, 100)
    await dialler.contacts(two, 10, 200)
    dialler.fleet.seats_left = 6
    await dialler.tick()
    await dialler.settle()
    for campaign in (one, two):
        assert sorted(await dialler.states(campaign)) == ["in_progress"] * 3 + ["pending"] * 7


async def test_a_campaign_without_due_contacts_takes_no_seats_from_others(dialler: Turns) -> None:
    await dialler.world.campaign("c0", always_on=True)
    busy = await dialler.world.campaign("c1")
    await dialler.contacts(busy, 6)
    dialler.fleet.seats_left = 6
    await dialler.tick()
    await dialler.settle()
    assert await dialler.states(busy) == ["in_progress"] * 6


async def test_without_a_free_seat_the_campaign_says_so(dialler: Turns) -> None:
    campaign = await dialler.world.campaign()
    await dialler.contacts(campaign, 1)
    dialler.fleet.seats_left = 0
    await dialler.tick()
    assert await dialler.states(campaign) == ["pending"]
    live = await dialler.live(campaign)
    assert (live["state"], live["blocked"]["reason"]) == ("blocked", "no_capacity")


async def test_while_the_registry_is_away_nothing_new_is_dialled(dialler: Turns) -> None:
    campaign = await dialler.world.campaign()
    await dialler.contacts(campaign, 1)
    dialler.fleet.away = True
    await dialler.tick()
    assert await dialler.states(campaign) == ["pending"]
    assert (await dialler.live(campaign))["blocked"]["reason"] == "registry_away"
    dialler.fleet.away = False
    await dialler.tick()
    await dialler.settle()
    assert await dialler.states(campaign) == ["in_progress"]


async def test_while_hosts_are_asked_in_its_place_dials_go_on_and_reserve_nothing(dialler: Turns) -> None:
    campaign = await dialler.world.campaign()
    await dialler.contacts(campaign, 3)
    dialler.fleet.by_fallback, dialler.fleet.seats_left = True, 2
    await dialler.tick()
    await dialler.settle()
    assert await dialler.states(campaign) == ["in_progress", "in_progress", "pending"]
    assert dialler.world.seats.held == {}
    assert (await dialler.live(campaign))["pacing"]["seat_grade"] == "fallback"


async def test_while_voxbridge_is_away_nobody_is_rung_into_silence(dialler: Turns) -> None:
    campaign = await dialler.world.campaign()
    dialler.bridge_status = 503
    await dialler.tick()
    await dialler.contacts(campaign, 1)
    await dialler.tick()
    assert await dialler.states(campaign) == ["pending"]
    blocked = (await dialler.live(campaign))["blocked"]
    assert (blocked["reason"], len(blocked["evidence"])) == ("voxbridge_away", 2)
    dialler.bridge_status = 200
    await dialler.tick()
    await dialler.settle()
    assert await dialler.states(campaign) == ["in_progress"]


@pytest.mark.parametrize(("off_s", "dialled"), [(25, True), (-25, True), (45, False), (-45, False)])
async def test_clocks_half_a_minute_apart_stop_the_dialling(dialler: Turns, off_s: float, dialled: bool) -> None:
    campaign = await dialler.world.campaign()
    await dialler.contacts(campaign, 1)
    dialler.bridge_clock = off_s
    await dialler.tick()
    await dialler.settle()
    assert await dialler.states(campaign) == ["in_progress" if dialled else "pending"]
    if not dialled:
        assert (await dialler.live(campaign))["blocked"]["reason"] == "clock_skew"


async def test_a_failure_in_one_campaign_leaves_the_others_alone(dialler: Turns) -> None:
    broken, sound = await dialler.world.campaign("c0"), await dialler.world.campaign("c1")
    await dialler.contacts(broken, 1, 100)
    await dialler.contacts(sound, 1, 200)
    await dialler.world.db["campaigns"].update_one({"_id": "c0"}, {"$set": {"config.concurrency_limit": "many"}})
    await dialler.tick()
    await dialler.settle()
    assert await dialler.states(sound) == ["in_progress"]
    assert await dialler.states(broken) == ["pending"]
    assert dialler.world.ctx.breakers.of("campaign:c0").evidence


async def test_a_store_that_goes_away_in_a_turn_takes_no_contact_with_it_that_was_leased_before(
    dialler: Turns, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = await dialler.world.campaign()
    await dialler.contacts(campaign, 3)
    take, taken = lease.take, list[str]()

    async def takes_two(ctx: Any, row: dict[str, Any], attempt_id: str, carrier_id: str) -> Any:
        if len(taken) == 2:
            await asyncio.sleep(0.5)  # a dial that had begun would be at the carrier by now
            assert not await dialler.world.db["campaign_attempts"].find_one({}), "a dial began before all were leased"
            raise AutoReconnect("gone")
        taken.append(attempt_id)
        return await take(ctx, row, attempt_id, carrier_id)

    monkeypatch.setattr(lease, "take", takes_two)
    with pytest.raises(AutoReconnect):
        await dialler.tick()
    await dialler.settle()
    assert sorted(await dialler.states(campaign)) == ["in_progress"] * 2 + ["pending"]


async def test_a_dead_carrier_is_named_with_the_calls_that_showed_it(dialler: Turns) -> None:
    campaign = await dialler.world.campaign()
    await dialler.contacts(campaign, 1)
    for number in range(5):
        dialler.world.ctx.breakers.failed("carrier:k1", "error", "503", attempt_id=f"a{number}")
    await dialler.world.ctx.breakers.write_changed()
    await dialler.tick()
    blocked = (await dialler.live(campaign))["blocked"]
    assert (blocked["reason"], blocked["key"]) == ("carrier_breaker", "carrier:k1")
    assert [one["attempt_id"] for one in blocked["evidence"]] == ["a0", "a1", "a2", "a3", "a4"]


async def test_a_pool_that_only_livekit_could_ring_says_what_is_missing(dialler: Turns) -> None:
    campaign = await dialler.world.campaign()
    await dialler.contacts(campaign, 1)
    await dialler.world.db["carriers"].update_one(
        {}, {"$set": {"originate": "livekit_sip", "lk_sync_status": "synced"}}
    )
    await dialler.tick()
    assert (await dialler.live(campaign))["blocked"]["reason"] == "livekit_not_configured"


async def test_the_channels_of_a_carrier_are_never_exceeded(dialler: Turns) -> None:
    await dialler.world.db["carriers"].update_one({}, {"$set": {"outbound_channels": 3}})
    campaign = await dialler.world.campaign()
    await dialler.contacts(campaign, 6)
    for _ in range(2):
        await dialler.tick()
        await dialler.settle()
    assert sorted(await dialler.states(campaign)) == ["in_progress"] * 3 + ["pending"] * 3
    assert (await dialler.live(campaign))["state"] == "dialling"


async def test_dials_that_the_store_holds_up_count_against_the_rate_of_the_next_turn(
    dialler: Turns, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In two seconds a carrier with one token and one a second takes three."""
    await dialler.world.db["carriers"].update_one({}, {"$set": {"outbound_cps": 1, "outbound_burst": 1}})
    campaign = await dialler.world.campaign()
    await dialler.contacts(campaign, 8)

    async def stands_still(*_: Any) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(dial, "run", stands_still)
    for _ in range(3):
        await dialler.tick()
    assert sorted(await dialler.states(campaign)) == ["leased"] * 3 + ["pending"] * 5


async def test_a_carrier_without_room_for_the_first_call_says_so(dialler: Turns) -> None:
    campaign = await dialler.world.campaign()
    await dialler.contacts(campaign, 1)
    dialler.world.ctx.buckets.of("k1").pause(60)
    await dialler.tick()
    live = await dialler.live(campaign)
    assert (live["state"], live["blocked"]["reason"]) == ("blocked", "numbers_busy")


async def test_two_loops_at_once_never_lease_one_contact_twice(dialler: Turns) -> None:
    campaign = await dialler.world.campaign()
    await dialler.contacts(campaign, 20)
    other = dialler.another()
    await asyncio.gather(dialler.loop.tick(), other.tick())
    await dialler.settle()
    await other._ctx.tasks.settle(30)
    assert await dialler.states(campaign) == ["in_progress"] * 20
    assert sorted(order.to for order in dialler.world.carrier.orders) == [f"+1555{100 + n:04}" for n in range(20)]
    await other._ctx.originators.aclose()


async def test_what_a_vanished_leader_held_is_found_at_once(dialler: Turns) -> None:
    campaign = await dialler.world.campaign()
    (row,) = await dialler.contacts(campaign, 1)
    await dialler.world.lease(campaign, row)
    dialler.take_over("vanished", 8)
    await dialler.tick()
    await dialler.settle()
    await dialler.tick()
    await dialler.settle()
    assert await dialler.states(campaign) == ["in_progress"]


async def test_what_a_leader_that_handed_over_still_carries_is_left_to_it(dialler: Turns) -> None:
    campaign = await dialler.world.campaign()
    (row,) = await dialler.contacts(campaign, 1)
    order = await dialler.world.lease(campaign, row)
    dialler.take_over("released", 8)
    await dialler.tick()
    await dialler.settle()
    found = await dialler.world.read(row)
    assert (found["status"], found["lease_id"]) == ("leased", order.attempt_id)


async def test_conversations_longer_than_ten_minutes_are_no_stale_contacts(dialler: Turns) -> None:
    """`stale_rows` is what an operator looks at: it counts contacts that nobody brings to their end."""
    campaign = await dialler.world.campaign()
    await dialler.contacts(campaign, 2)
    await dialler.tick()
    await dialler.settle()
    calls = dialler.world.db["campaign_calls"]
    await calls.update_many({}, {"$set": {"status_changed_at": utc_now() - timedelta(minutes=20)}})
    before = await calls.find({}).to_list()
    dialler.take_over("vanished", epoch=8)
    await dialler.tick()
    assert dialler.loop._looking is not None
    await dialler.loop._looking
    await dialler.settle()
    assert dialler.loop.stale_rows == 0
    assert await calls.find({}).to_list() == before
    await calls.update_many({}, {"$set": {"lease_expires_at": utc_now() - timedelta(seconds=6)}})
    dialler.loop._scanned_at = float("-inf")
    await dialler.tick()
    assert dialler.loop.stale_rows == 2


async def test_an_excluded_number_is_not_rung_any_longer(dialler: Turns) -> None:
    campaign = await dialler.world.campaign()
    row = await dialler.world.row(campaign, "+15550100", RINGS)
    await dialler.tick()
    while (await dialler.world.read(row))["status"] != "ringing":
        await asyncio.sleep(0.02)
    await dialler.world.db["campaign_calls"].update_one({"_id": row["_id"]}, {"$set": {"exclude_requested": True}})
    await dialler.tick()
    await dialler.settle()
    assert await dialler.states(campaign) == ["excluded"]


async def test_the_last_panel_of_an_ended_campaign_shows_no_calls(dialler: Turns) -> None:
    campaign = await dialler.world.campaign()
    await dialler.contacts(campaign, 1)
    await dialler.tick()
    await dialler.settle()
    await dialler.world.db["campaigns"].update_one({"_id": "c1"}, {"$set": {"status": "completed"}})
    await dialler.tick()
    assert (await dialler.live(campaign))["state"] == "draining"
    await dialler.world.db["campaign_calls"].update_many({}, {"$set": {"status": "completed"}})
    await dialler.tick()
    live = await dialler.live(campaign)
    assert (live["state"], live["in_progress"]) == ("idle", 0)


async def test_a_panel_that_a_dead_leader_left_behind_shows_no_calls_after_the_next_turn(dialler: Turns) -> None:
    campaign = await dialler.world.campaign()
    await dialler.contacts(campaign, 1)
    await dialler.tick()
    await dialler.settle()
    await dialler.tick()
    assert (await dialler.live(campaign))["in_progress"] == 1
    await dialler.world.db["campaign_calls"].update_many({}, {"$set": {"status": "completed", "lease_id": None}})
    await dialler.world.db["campaigns"].update_one({"_id": campaign["_id"]}, {"$set": {"status": "completed"}})
    dialler.take_over("vanished", epoch=8)
    await dialler.tick()
    live = await dialler.live(campaign)
    assert (live["state"], live["ringing"], live["in_progress"]) == ("idle", 0, 0)


async def test_a_used_up_quota_ends_the_reservations_of_its_campaign_for_the_turn_and_is_shown(dialler: Turns) -> None:
    campaign, other = await dialler.world.campaign("c1"), await dialler.world.campaign("c2")
    await dialler.contacts(campaign, 8, 100)
    await dialler.contacts(other, 2, 200)
    dialler.world.seats.quota["c1"] = 2
    await dialler.tick()
    await dialler.settle()
    assert sorted(await dialler.states(campaign)) == ["in_progress"] * 2 + ["pending"] * 6
    assert await dialler.states(other) == ["in_progress"] * 2
    await dialler.tick()
    await dialler.settle()
    assert (await dialler.live(campaign))["blocked"]["reason"] == "quota"
    again = await dialler.world.db["campaign_calls"].find({"campaign_id": "c1", "released_count": {"$gt": 0}}).to_list()
    assert sum(row["released_count"] for row in again) <= 8 - 2 + 1, "one reservation tries again"
