"""R1: killed at any line, every contact settles, nobody is rung twice, and every seat comes back.

The task is stopped dead at a crash point by an exception that nothing catches; what it held in memory is gone, and a
new dialler on the same store, with the same carrier, takes the row over.
"""

import pytest

from .endings import settles_once
from .fake_carrier import ANSWER, RING, TALKS, Plan, Refused, ends

pytestmark = [pytest.mark.faults]

DIAL = [f"dial.{line}" for line in range(1, 13)]
SETTLE = [f"settle.{step}{end}" for step in ("attempt", "row", "seat") for end in ("", ".done")]

TRIES = 5
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
        for again in range(TRIES):
            campaign = await world.campaign(f"c{number}.{again}")
            row = await world.row(campaign, f"+155502{again}{number:03}", PLANS[plan])
            orders = len(world.carrier.orders)
            if await crash.if_passed(point, world, campaign, row):
                break
            world.seats.held.clear()
        else:
            pytest.fail(f"{point} was passed once and then in none of {TRIES} dials")
        rung = [order.client_ref for order in world.carrier.orders[orders:]]
        await settles_once(world, row, rung, killed_at=point, talks=plan.startswith("talks"))


async def test_every_line_and_every_step_of_the_settle_path_can_be_crashed_at(world, crash):
    seen = set()
    for plan in PLANS.values():
        seen |= set(await crash.points_of(world, plan))
    assert set(DIAL) | set(SETTLE) <= seen
