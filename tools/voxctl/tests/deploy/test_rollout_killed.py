"""kill -9 of the tool at every step, then another machine goes on or goes back (A6): no call cut, nobody in limbo."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from voxctl.deploy.rollout import Rollout
from voxctl.deploy.work import Order, Work, go_back, set_out

from .simulated import NEW, OLD, RELEASES, Fleet, Killed

pytestmark = [pytest.mark.unit, pytest.mark.virtual_time]

HOSTS = {"fleet1": 4, "fleet2": 4}


def new_fleet(seed: int, **more: Any) -> Fleet:
    return Fleet(dict(HOSTS), seed=seed, call_s=(3, 20), **more)


def deploy(fleet: Fleet, former: Work | None = None, id: str = "d-1") -> Work:
    return set_out(Order(id, RELEASES[NEW.ref], fleet.time), NEW, fleet.look(), former=former)


def rollback(fleet: Fleet, former: Work | None = None, *, bad: bool = True) -> Work:
    order = Order("r-1", RELEASES[OLD.ref], fleet.time)
    return go_back(order, OLD, fleet.look(), bad=[NEW.tag] if bad else [], former=former)


async def killed(fleet: Fleet, work: Work, at: int, *, before: bool) -> bool:
    """Run until the given change, counted from 0; False: the deploy ended before there were that many."""
    fleet.kill_at, fleet.kill_before = fleet.effects + at, before
    try:
        await Rollout(work, fleet.world(), fleet.rules()).run()
    except Killed:
        fleet.kill_at = -1
        return True
    fleet.kill_at = -1
    return False


async def finish(fleet: Fleet, work: Work) -> None:
    outcome = await Rollout(work, fleet.world(), fleet.rules()).run()
    assert outcome.ending in ("done", "reverted"), outcome


FAULTY = 3
"""A seed with which a caller meets the image that crashes in its first real call while its seat is watched."""


async def everywhere(fault: str = "") -> int:
    """How many changes an undisturbed deploy makes."""
    fleet = new_fleet(FAULTY, faults={NEW.ref: fault}) if fault else new_fleet(0)
    outcome = await Rollout(deploy(fleet), fleet.world(), fleet.rules()).run()
    assert outcome.ending == ("reverted" if fault else "done")
    return fleet.effects


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
async def test_killed_at_every_step_and_resumed_it_ends_as_if_nothing_had_been(before: bool) -> None:
    steps = await everywhere()
    assert steps > 100
    for at in range(steps):
        fleet = new_fleet(0)
        if not await killed(fleet, deploy(fleet), at, before=before):
            break
        fleet.advance(5 + at % 60)
        work = fleet.saved("d-1") if "d-1" in fleet.journal else deploy(fleet)
        await finish(fleet, work)
        assert fleet.settled(NEW) == [], f"killed at change {at}"
        assert fleet.cut == [], f"killed at change {at}"


@pytest.mark.parametrize("bad", [True, False], ids=["bad", "pinned"])
@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
async def test_killed_at_every_step_and_rolled_back_elsewhere_the_old_image_runs_everywhere(
    before: bool, bad: bool
) -> None:
    for at in range(await everywhere()):
        fleet = new_fleet(1)
        if not await killed(fleet, deploy(fleet), at, before=before):
            break
        fleet.advance(5 + at % 60)
        former = fleet.saved("d-1") if "d-1" in fleet.journal else None
        await finish(fleet, rollback(fleet, former, bad=bad))
        assert fleet.settled(OLD) == [], f"killed at change {at}"
        assert fleet.cut == [], f"killed at change {at}"


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
async def test_killed_at_every_step_the_next_deploy_takes_over_what_was_in_hand(before: bool) -> None:
    for at in range(0, await everywhere(), 3):
        fleet = new_fleet(2)
        if not await killed(fleet, deploy(fleet), at, before=before):
            break
        await finish(fleet, deploy(fleet, fleet.saved("d-1") if "d-1" in fleet.journal else None, id="d-2"))
        assert fleet.settled(NEW) == [], f"killed at change {at}"
        assert fleet.cut == [], f"killed at change {at}"


@pytest.mark.parametrize("fault", ["mute", "crashes later"])
async def test_killed_at_every_step_of_a_revert_and_resumed_it_still_goes_back(fault: str) -> None:
    for at in range(await everywhere(fault)):
        fleet = new_fleet(FAULTY, faults={NEW.ref: fault})
        if not await killed(fleet, deploy(fleet), at, before=False):
            break
        fleet.advance(at % 30)
        await finish(fleet, fleet.saved("d-1") if "d-1" in fleet.journal else deploy(fleet))
        if fleet.saved("d-1").stage == "reverted":
            assert fleet.settled(OLD) == [], f"killed at change {at}"
        assert fleet.cut == [], f"killed at change {at}"


@pytest.mark.parametrize("seed", range(150))
async def test_killed_again_and_again_with_changed_minds_it_still_ends(seed: int) -> None:
    """Random operators: each run dies after a few changes, and the next one resumes, deploys anew or rolls back."""
    fleet = new_fleet(seed, surge=seed % 3)
    work = deploy(fleet)
    for number in itertools.count():
        if number >= 12 or not await killed(fleet, work, fleet.random.randint(0, 25), before=bool(number % 2)):
            break
        fleet.advance(fleet.random.uniform(0, 40))
        last = fleet.unfinished()
        match fleet.random.choice(["resume", "deploy", "back"]):
            case "resume":
                work = last or work
            case "deploy":
                work = deploy(fleet, last, id=f"d-{number + 2}")
            case _:
                work = rollback(fleet, last, bad=bool(seed % 2))
    await finish(fleet, work)
    assert fleet.settled(NEW if work.kind == "deploy" else OLD) == []
    assert fleet.cut == []
