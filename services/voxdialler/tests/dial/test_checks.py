"""A dial is stopped in its last moment by whatever has changed since the lease; nobody is rung and nothing counts."""

from datetime import timedelta

import pytest
from voxdialler import crashpoints
from voxkit.clock import utc_now

from .fake_carrier import TALKS, Plan, Refused, ends

pytestmark = [pytest.mark.integration]
BEFORE_THE_REQUEST = [f"dial.{line}" for line in range(1, 5)]


async def run_with(world, change, *, point="dial.1", **config):
    """A dial during which `change` happens at `point`; the row afterwards and the orders the carrier got."""
    campaign = await world.campaign(**config)
    row = await world.row(campaign, "+15550100")
    order = await world.lease(campaign, row)
    passed = []
    with crashpoints.watched(passed.append):
        if point == "dial.1":
            await change(campaign, row)
            await world.run(order)
        else:
            await _run_and_change(world, order, lambda: change(campaign, row), point)
    return await world.read(row), world.carrier.orders


async def _run_and_change(world, order, change, point):
    """The change is made on another connection while the dial stands still at `point`."""

    class Here(BaseException):
        pass

    def stop(name):
        if name == point:
            raise Here

    with crashpoints.watched(stop), pytest.raises(Here):
        await world.run(order)
    await change()
    await world.run(order)


async def test_a_number_on_the_do_not_call_list_is_excluded_and_not_dialled(world):
    async def change(campaign, row):
        await world.db["dnc"].insert_one({"_id": row["phone_key"], "expires_at": None})

    row, orders = await run_with(world, change)
    assert (row["status"], row["attempt_count"], row["lease_id"], orders) == ("excluded", 0, None, [])
    assert world.seats.held == {}


async def test_the_callback_of_a_number_that_must_not_be_called_is_called_off(world):
    callback = {"status": "scheduled", "active": True, "sequence": 1}
    campaign = await world.campaign()
    row = await world.row(campaign, "+15550100", status="callback_scheduled", callback=callback)
    await world.db["dnc"].insert_one({"_id": row["phone_key"], "expires_at": None})
    after = await world.dial(campaign, row)
    assert (after["status"], after["callback"]["status"]) == ("excluded", "cancelled")


async def test_a_do_not_call_entry_past_its_end_does_not_count(world):
    async def change(campaign, row):
        await world.db["dnc"].insert_one({"_id": row["phone_key"], "expires_at": utc_now() - timedelta(seconds=1)})

    row, orders = await run_with(world, change)
    assert (row["status"], len(orders)) == ("in_progress", 1)


@pytest.mark.parametrize("point", BEFORE_THE_REQUEST)
async def test_a_number_suppressed_at_any_line_before_the_request_is_not_dialled(world, point):
    """Statement 7 of section 24: the lists are read again directly before the token is taken."""

    async def change(campaign, row):
        await world.db["campaign_exclusions"].insert_one({"_id": f"{campaign['_id']}:{row['phone_key']}"})

    row, orders = await run_with(world, change, point=point)
    assert (row["status"], orders) == ("excluded", [])


@pytest.mark.parametrize("status", ["paused", "completed", "failed"])
async def test_a_campaign_that_no_longer_runs_gives_its_leases_back(world, status):
    async def change(campaign, row):
        await world.db["campaigns"].update_one({"_id": campaign["_id"]}, {"$set": {"status": status}})

    row, orders = await run_with(world, change)
    assert (row["status"], row["attempt_count"], orders) == ("pending", 0, [])


async def test_another_run_of_the_campaign_stops_the_dial(world):
    async def change(campaign, row):
        await world.db["campaigns"].update_one({"_id": campaign["_id"]}, {"$set": {"run_number": 2}})

    row, orders = await run_with(world, change)
    assert (row["status"], orders) == ("pending", [])


async def test_a_lease_that_somebody_else_has_taken_is_left_alone(world):
    async def change(campaign, row):
        await world.db["campaign_calls"].update_one({"_id": row["_id"]}, {"$set": {"lease_id": "theirs"}})

    row, orders = await run_with(world, change)
    assert (row["status"], row["lease_id"], orders) == ("leased", "theirs", [])


async def test_outside_the_bots_hours_the_contact_waits_for_the_next_opening(world):
    async def change(campaign, row):
        hours = {"enabled": True, "days": [], "start_time": "09:00", "end_time": "18:00"}
        tomorrow = (utc_now() + timedelta(days=1)).strftime("%a").lower()
        hours["days"] = [tomorrow]
        await world.db["bots"].update_one({"_id": "demo"}, {"$set": {"active_hours": hours}})

    row, orders = await run_with(world, change)
    assert (row["status"], orders) == ("pending", [])
    assert row["next_retry_at"] > utc_now()


TOLL_FREE = "+18005550100"
"""Rings anywhere from Hawaii to the east coast."""


async def test_a_callee_whose_zones_never_share_the_window_is_settled_and_not_tried_for_ever(world):
    """Given back without a time it was leased again in every turn, and its campaign never ended."""
    window = {"start": "09:00", "end": "10:00", "timezone": "UTC", "use_callee_timezone": True}
    campaign = await world.campaign(time_window=window)
    callback = {"status": "scheduled", "active": True, "sequence": 1}
    row = await world.row(campaign, TOLL_FREE, status="callback_scheduled", callback=callback)
    after = await world.dial(campaign, row)
    assert (after["status"], after["lease_id"], after["next_retry_at"]) == ("window_closed", None, None)
    assert (after["callback"]["status"], after["callback"]["active"]) == ("cancelled", False)
    assert (after["attempt_count"], world.carrier.orders, world.seats.held) == (0, [], {})


async def test_a_callee_whose_zones_share_the_window_later_waits_for_that(world):
    window = {"start": "00:00", "end": "23:59", "timezone": "UTC", "use_callee_timezone": True}
    tomorrow = (utc_now() + timedelta(days=1)).strftime("%a").lower()
    campaign = await world.campaign(time_window={**window, "days": [tomorrow]})
    row = await world.row(campaign, TOLL_FREE)
    after = await world.dial(campaign, row)
    assert (after["status"], world.carrier.orders) == ("pending", [])
    assert after["next_retry_at"] > utc_now()


async def test_a_single_day_campaign_is_not_dialled_after_its_day(world):
    async def change(campaign, row):
        closed = {"opens_at": utc_now() - timedelta(hours=9), "closes_at": utc_now() + timedelta(milliseconds=500)}
        await world.db["campaigns"].update_one({"_id": campaign["_id"]}, {"$set": {"run_window": closed}})

    row, orders = await run_with(world, change, campaign_mode="single_day")
    assert (row["status"], orders) == ("pending", [])


async def test_an_open_breaker_gives_the_lease_back(world):
    async def change(campaign, row):
        world.ctx.breakers.failed("carrier:k1", "error", "dead", at_once=True)

    row, orders = await run_with(world, change)
    assert (row["status"], orders) == ("pending", [])


async def test_a_number_in_a_call_of_another_campaign_is_not_rung(world):
    async def change(campaign, row):
        other = await world.campaign("other")
        await world.row(other, row["phone_number"], status="in_progress")

    row, orders = await run_with(world, change)
    assert (row["status"], orders) == ("pending", [])


async def test_without_a_free_seat_nobody_is_rung(world):
    world.seats.free = 0
    campaign = await world.campaign()
    row = await world.row(campaign, "+15550100")
    after = await world.dial(campaign, row)
    assert (after["status"], after["attempt_count"], world.carrier.orders) == ("pending", 0, [])


async def test_five_calls_that_the_carrier_fails_open_its_breaker_with_their_ids_as_evidence(world):
    campaign = await world.campaign(redial_rules={"max_attempts": 1})
    for number in range(5):
        await world.dial(campaign, await world.row(campaign, f"+1555010{number}", Plan((ends("error"),))))
    breaker = world.ctx.breakers.of("carrier:k1")
    attempts = {attempt["_id"] async for attempt in world.db["campaign_attempts"].find({})}
    assert breaker.state == "open"
    assert {failure["attempt_id"] for failure in breaker.evidence} == attempts


async def test_a_busy_callee_speaks_for_the_carrier(world):
    campaign = await world.campaign()
    for number in range(6):
        await world.dial(campaign, await world.row(campaign, f"+1555010{number}", Plan((ends("busy"),))))
    assert world.ctx.breakers.of("carrier:k1").state == "closed"


async def test_a_pause_that_the_carrier_names_is_kept(world):
    campaign = await world.campaign()
    plan = Plan(refuse=Refused("not_placed", "rate", retry_after=7))
    await world.dial(campaign, await world.row(campaign, "+15550100", plan))
    assert 6 < world.ctx.buckets.of("k1").paused_s <= 7


async def test_a_callback_keeps_its_number_and_costs_no_attempt(world):
    campaign = await world.campaign()
    wish = {"status": "scheduled", "sequence": 2, "preferred_time_text": "at five", "reason": "busy"}
    row = await world.row(
        campaign, "+15550100", Plan(TALKS), status="callback_scheduled", attempt_count=1, callback=wish
    )
    after = await world.dial(campaign, row)
    (attempt,) = await world.attempts(row)
    stored = await world.db["call_contexts"].find_one({"_id": f"ctx_{attempt['_id']}"})
    assert (after["attempt_count"], attempt["kind"], attempt["attempt_no"], attempt["callback_sequence"]) == (
        1, "callback", 1, 2,
    )  # fmt: skip
    assert stored["connected_event"]["callback_preferred_time_text"] == "at five"
    assert stored["connected_event"]["_campaign_session_id"] == after["current_session_id"]
    assert world.seats.held[attempt["_id"]]["priority"] == "callback"
