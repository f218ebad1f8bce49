"""Back in ten seconds: the first new call on the former image, and none on the bad one after that."""

from __future__ import annotations

import pytest
from voxctl.deploy.rollout import Rollout
from voxctl.deploy.work import Order, Work, go_back, set_out

from .simulated import NEW, OLD, RELEASES, Fleet

pytestmark = [pytest.mark.unit, pytest.mark.virtual_time]


async def deployed(fleet: Fleet) -> Work:
    work = set_out(Order("d-1", RELEASES[NEW.ref], fleet.time), NEW, fleet.look())
    assert (await Rollout(work, fleet.world(), fleet.rules()).run()).ending == "done"
    return work


def back(fleet: Fleet, *, now: bool = False, former: Work | None = None) -> Work:
    return go_back(Order("r-1", RELEASES[OLD.ref], fleet.time), OLD, fleet.look(), now=now, former=former)


@pytest.mark.parametrize("seed", range(10))
async def test_the_first_call_on_the_former_image_comes_within_ten_seconds_and_none_on_the_bad_one_after_it(
    seed: int,
) -> None:
    fleet = Fleet({"fleet1": 8, "fleet2": 8}, seed=seed)
    await deployed(fleet)
    asked = fleet.time
    fleet.served.clear()
    assert (await Rollout(back(fleet), fleet.world(), fleet.rules()).run()).ending == "done"
    first = next(at for at, _, tag in fleet.served if tag == OLD.tag)
    assert first - asked <= 10
    assert not [seat for at, seat, tag in fleet.served if tag == NEW.tag and at > first]
    assert fleet.settled(OLD) == []
    assert fleet.cut == []


async def test_with_every_seat_in_a_call_the_bad_tag_is_taken_out_at_once_and_no_call_is_cut() -> None:
    fleet = Fleet({"fleet1": 4}, load=0, surge=0)
    await deployed(fleet)
    for seat in fleet.seats.values():
        fleet._begin(seat, 60)
    assert (await Rollout(back(fleet), fleet.world(), fleet.rules()).run()).ending == "done"
    assert fleet.trail[-1 - 2 * 4]["action"] == "tag.drain"
    assert fleet.settled(OLD) == []
    assert fleet.cut == []


async def test_now_takes_the_bad_tag_out_before_anything_else() -> None:
    fleet = Fleet({"fleet1": 8})
    await deployed(fleet)
    fleet.trail.clear()
    assert (await Rollout(back(fleet, now=True), fleet.world(), fleet.rules()).run()).ending == "done"
    assert fleet.trail[0]["action"] == "tag.drain"
    assert fleet.settled(OLD) == []


async def test_seats_that_still_run_the_former_image_need_no_surge() -> None:
    fleet = Fleet({"fleet1": 8}, seed=5)
    work = set_out(Order("d-1", RELEASES[NEW.ref], fleet.time), NEW, fleet.look())
    rollout = Rollout(work, fleet.world(), fleet.rules())
    rollout.world.tell = lambda event, *_, **facts: (
        rollout.stop() if event == "seat.opened" and facts["seat"] == "fleet1-1" else None
    )
    await rollout.run()
    fleet.trail.clear()
    assert (await Rollout(back(fleet, former=work), fleet.world(), fleet.rules()).run()).ending == "done"
    replaced = {line["seat"] for line in fleet.trail if line["action"] == "seat.replace"}
    assert not any("-s" in seat for seat in replaced)
    assert fleet.settled(OLD) == []


async def test_a_former_image_that_does_not_come_up_changes_nothing_else_and_calls_a_human() -> None:
    fleet = Fleet({"fleet1": 8}, load=0.3)
    await deployed(fleet)
    fleet.faults[OLD.ref] = "does not start"
    outcome = await Rollout(back(fleet), fleet.world(), fleet.rules()).run()
    assert (outcome.ending, outcome.exit_code) == ("human", 6)
    assert not fleet.tag_drains, "the image that works was taken out"
    assert sum(seat.image == NEW for seat in fleet.seats.values()) >= 7
    assert fleet.cut == []


async def test_a_deploy_of_a_tag_that_was_taken_out_before_lifts_its_drain_first() -> None:
    fleet = Fleet({"fleet1": 5})
    work = await deployed(fleet)
    gone_back = back(fleet, former=work)
    assert (await Rollout(gone_back, fleet.world(), fleet.rules()).run()).ending == "done"
    fleet.tag_drains.add(NEW.tag)
    interrupted = gone_back.model_copy(update={"retired": [NEW.tag], "stage": "rolling"})
    again = set_out(Order("d-2", RELEASES[NEW.ref], fleet.time), NEW, fleet.look(), former=interrupted)
    assert (await Rollout(again, fleet.world(), fleet.rules()).run()).ending == "done"
    assert fleet.settled(NEW) == []
