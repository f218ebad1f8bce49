"""Back in ten seconds: the first new call on the former image; none on a bad one after that, and none refused else."""

from __future__ import annotations

import pytest
from voxctl.deploy.rollout import Rollout
from voxctl.deploy.work import Order, Work, go_back, revert, set_out

from .simulated import NEW, OLD, RELEASES, Fleet, Killed

pytestmark = [pytest.mark.unit, pytest.mark.virtual_time]


async def deployed(fleet: Fleet) -> Work:
    work = set_out(Order("d-1", RELEASES[NEW.ref], fleet.time), NEW, fleet.look())
    assert (await Rollout(work, fleet.world(), fleet.rules()).run()).ending == "done"
    return work


def back(fleet: Fleet, *, bad: bool = True, now: bool = False, former: Work | None = None) -> Work:
    order = Order("r-1", RELEASES[OLD.ref], fleet.time)
    return go_back(order, OLD, fleet.look(), bad=[NEW.tag] if bad else [], now=now, former=former)


@pytest.mark.parametrize("surge", [0, 2])
@pytest.mark.parametrize("seed", range(10))
async def test_a_release_that_is_not_bad_is_left_in_batches_and_nobody_is_refused(seed: int, surge: int) -> None:
    """Section 9: at least 80 % of the seats take calls, nobody is refused at 70 % load, and it takes ten seconds."""
    fleet = Fleet({"fleet1": 8, "fleet2": 8}, seed=seed, load=1.2, most=0.7, surge=surge)
    await deployed(fleet)
    asked, fleet.refused, fleet.least_open = fleet.time, 0, 1.0
    work = back(fleet, bad=False)
    assert (await Rollout(work, fleet.world(), fleet.rules()).run()).ending == "done"
    assert min(work.opened.values()) - asked <= 10
    assert fleet.refused == 0
    assert fleet.least_open >= 0.8
    assert not [line for line in fleet.trail if line["action"] == "tag.drain"]
    assert fleet.settled(OLD) == []
    assert fleet.cut == []


async def test_with_every_seat_in_a_call_the_longest_one_makes_room_for_the_first_former_seat() -> None:
    fleet = Fleet({"fleet1": 10}, load=0, surge=0)
    await deployed(fleet)
    for seat in fleet.seats.values():
        fleet._begin(seat, 60)
    asked = fleet.time
    work = back(fleet, bad=False)
    assert (await Rollout(work, fleet.world(), fleet.rules()).run()).ending == "done"
    assert min(work.opened.values()) - asked < 60 + 10
    assert fleet.least_open >= 0.8
    assert fleet.cut == []


async def test_a_reason_that_is_no_seats_fault_takes_them_back_in_batches() -> None:
    fleet = Fleet({"fleet1": 10, "fleet2": 10}, load=1.2, most=0.7)
    work = await deployed(fleet)
    fleet.refused, fleet.least_open = 0, 1.0
    revert(work, "voxdialler on api1: it did not lead within 4 s", harmful=False)
    assert (await Rollout(work, fleet.world(), fleet.rules()).run()).ending == "reverted"
    assert fleet.refused == 0
    assert fleet.least_open >= 0.8
    assert not [line for line in fleet.trail if line["action"] == "tag.drain"]
    assert fleet.settled(OLD) == []


async def test_who_leaves_a_drained_tag_for_another_one_leaves_no_host_closed_for_the_sake_of_order() -> None:
    """The tag was taken out everywhere and the tool died; the next release opens seats on both hosts side by side."""
    fleet = Fleet({"fleet1": 8, "fleet2": 8}, load=0)
    former = await deployed(fleet)
    gone_back = back(fleet, now=True, former=former)
    rollout = Rollout(gone_back, fleet.world(), fleet.rules())
    rollout.world.tell = lambda event, *_, **__: rollout.stop() if event == "tag.retired" else None
    fleet.kill_at = fleet.effects + 60
    with pytest.raises(Killed):
        await rollout.run()
    fleet.kill_at = -1
    again = set_out(Order("d-2", RELEASES[NEW.ref], fleet.time), NEW, fleet.look(), former=fleet.saved("r-1"))
    work = Rollout(again, fleet.world(), fleet.rules())
    began = fleet.time
    assert (await work.run()).ending == "done"
    opened = {host: min(at for id, at in again.opened.items() if id.startswith(host)) for host in fleet.hosts}
    assert max(opened.values()) - began < 30, opened
    assert fleet.settled(NEW) == []


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
