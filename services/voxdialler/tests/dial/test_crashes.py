"""R1: killed at any line, every contact settles, nobody is rung twice, and every seat comes back.

The task is stopped dead at a crash point by an exception that nothing catches; what it held in memory is gone, and a
new dialler on the same store, with the same carrier, takes the row over.
"""

from datetime import timedelta

import pytest

from .fake_carrier import ANSWER, RING, TALKS, Plan, Refused, ends

pytestmark = [pytest.mark.faults]

DIAL = [f"dial.{line}" for line in range(1, 13)]
SETTLE = [f"settle.{step}{end}" for step in ("attempt", "row", "seat") for end in ("", ".done")]
TERMINAL = {"retry_scheduled", "abandoned", "amd_machine", "exhausted", "completed", "pending"}
LATER = timedelta(seconds=90)

PLANS = {
    "talks": Plan(TALKS),
    "talks, and the order's answer is lost": Plan(TALKS, silent=True),
    "order lost": Plan(silent=True, placed=False),
    "no answer": Plan((RING, ends("no_answer"))),
    "leaves before the bot": Plan((RING, ANSWER, ends("hangup"))),
    "no worker": Plan((RING, ANSWER, ends("media_refused"))),
    "refused as invalid": Plan(refuse=Refused("invalid_number", "no such number")),
    "channels full": Plan(refuse=Refused("not_placed", "channels_full")),
}


@pytest.mark.parametrize("plan", PLANS)
async def test_a_dial_that_dies_at_any_line_settles_once(world, crash, plan):
    points = await crash.points_of(world, PLANS[plan])
    assert points[:5] == [f"dial.{line}" for line in range(1, 6)]
    for number, point in enumerate(points):
        campaign = await world.campaign(f"c{number}")
        row = await world.row(campaign, f"+1555020{number:02}", PLANS[plan])
        orders = len(world.carrier.orders)
        await crash.at(point, world, campaign, row)
        world.restart()
        await world.age(row, LATER)
        after = await world.recover(row)
        placed = [order.client_ref for order in world.carrier.orders[orders:]]
        assert len(placed) == len(set(placed)) <= 1, f"{point}: rung twice"
        attempts = await world.attempts(row)
        if after["status"] == "in_progress":
            assert plan.startswith("talks"), point
            assert attempts[0]["outcome"] is None, point
        else:
            assert after["status"] in TERMINAL, f"{point}: {after['status']}"
            assert after["lease_id"] is None, point
            assert all(attempt["outcome"] is not None for attempt in attempts), point
            # After the row has moved nobody looks for its seat: the reservation's own deadline frees it.
            assert world.seats.held == {} or point in ("settle.row.done", "settle.seat"), f"{point}: a seat is held"
            assert all(seat["hold"] <= 75 for seat in world.seats.held.values())
            counted = [attempt for attempt in attempts if attempt["outcome"] != "not_placed"]
            assert after["attempt_count"] == len(counted), f"{point}: counters and attempts differ"
        world.seats.held.clear()


async def test_every_line_and_every_step_of_the_settle_path_can_be_crashed_at(world, crash):
    seen = set()
    for plan in PLANS.values():
        seen |= set(await crash.points_of(world, plan))
    assert set(DIAL) | set(SETTLE) <= seen
