"""A deploy that cuts a call, closes too much or forgets a seat is worse than none (P4)."""

from __future__ import annotations

import pytest
from voxctl.deploy.outcome import Outcome
from voxctl.deploy.rollout import Rollout
from voxctl.deploy.work import Order, Work, set_out
from voxctl.output import CommandError

from .simulated import NEW, OLD, RELEASES, Fleet

pytestmark = [pytest.mark.unit, pytest.mark.virtual_time]


def deploy(fleet: Fleet, id: str = "d-1") -> Work:
    return set_out(Order(id, RELEASES[NEW.ref], fleet.time), NEW, fleet.look())


async def run(fleet: Fleet, work: Work, *, canary: bool = True, **rules: object) -> Outcome:
    return await Rollout(work, fleet.world(canary=canary), fleet.rules(**rules)).run()


@pytest.mark.parametrize("seed", range(20))
async def test_a_deploy_under_load_ends_with_every_seat_on_the_new_image_and_no_call_cut(seed: int) -> None:
    fleet = Fleet({"fleet1": 10, "fleet2": 10}, seed=seed)
    outcome = await run(fleet, deploy(fleet))
    assert outcome.ending == "done", outcome
    assert fleet.settled(NEW) == []
    assert fleet.cut == []
    assert fleet.least_open >= 0.8
    assert sum(line["action"] == "canary" for line in fleet.trail) == 1


async def test_a_small_host_without_room_for_surge_closes_one_seat_at_a_time() -> None:
    fleet = Fleet({"fleet1": 3}, surge=0)
    assert (await run(fleet, deploy(fleet))).ending == "done"
    assert fleet.settled(NEW) == []


async def test_nothing_else_moves_before_the_first_seat_has_carried_its_check_call() -> None:
    fleet = Fleet({"fleet1": 10})
    await run(fleet, deploy(fleet))
    actions = [(line["action"], line.get("seat")) for line in fleet.trail]
    gate = actions.index(("canary", "fleet1-s1"))
    assert actions[:gate] == [("seat.replace", "fleet1-s1")]


async def test_without_a_host_of_role_check_the_gate_is_health_and_registration_and_the_audit_says_so() -> None:
    fleet = Fleet({"fleet1": 5})
    assert (await run(fleet, deploy(fleet), canary=False)).ending == "done"
    skipped = next(line for line in fleet.trail if line["action"] == "canary")
    assert (skipped["result"], skipped["reason"]) == ("skipped", "no host of role check")


async def test_a_seat_with_a_long_call_keeps_its_image_until_the_call_ends() -> None:
    fleet = Fleet({"fleet1": 5}, load=0.2)
    fleet._begin(fleet.seats["fleet1-2"], 1200)
    began = fleet.time
    work = deploy(fleet)
    outcome = await run(fleet, work)
    assert outcome.ending == "done"
    assert fleet.cut == []
    assert fleet.time - began > 1200
    assert fleet.settled(NEW) == []


async def test_detached_it_leaves_busy_seats_open_on_their_image_and_the_next_run_finishes() -> None:
    fleet = Fleet({"fleet1": 5}, load=0.2)
    fleet._begin(fleet.seats["fleet1-2"], 1200)
    began = fleet.time
    outcome = await run(fleet, deploy(fleet), detach=True)
    assert (outcome.ending, outcome.exit_code, outcome.left) == ("later", 5, ("fleet1-2",))
    assert fleet.time - began < 300
    assert fleet.settled(NEW) == ["fleet1-2 runs 2026.02.03-1"]
    fleet.advance(1200)
    assert (await run(fleet, fleet.saved("d-1"))).ending == "done"
    assert fleet.settled(NEW) == []
    assert fleet.cut == []


async def test_without_an_idle_seat_for_a_minute_the_longest_calls_are_drained_within_the_batch() -> None:
    fleet = Fleet({"fleet1": 10}, load=0)
    for n in range(1, 11):
        fleet._begin(fleet.seats[f"fleet1-{n}"], 400 - n)
    fleet.advance(1)
    assert (await run(fleet, deploy(fleet))).ending == "done"
    assert fleet.least_open >= 0.8
    assert fleet.cut == []


async def test_force_after_cuts_a_call_once_and_says_so_loudly() -> None:
    fleet = Fleet({"fleet1": 5}, load=0)
    fleet._begin(fleet.seats["fleet1-2"], 7200)
    began = fleet.time
    assert (await run(fleet, deploy(fleet), force_after=300)).ending == "done"
    assert 300 <= fleet.time - began < 400
    cuts = [line for line in fleet.trail if line["action"] == "call.cut"]
    assert [(line["seat"], line["reason"], line["session_id"]) for line in cuts] == [
        ("fleet1-2", "--force-after", "s-1")
    ]
    assert sum("CUTS the call" in line for line in fleet.told) == 1


async def test_one_interrupt_finishes_the_seat_in_hand_and_says_how_to_go_on() -> None:
    fleet = Fleet({"fleet1": 10}, seed=3)
    work = deploy(fleet)
    rollout = Rollout(work, fleet.world(), fleet.rules())
    rollout.world.tell = lambda event, *_, **facts: rollout.stop() if event == "seat.opened" else None
    outcome = await rollout.run()
    assert outcome.ending == "stopped"
    assert "vox deploy --resume" in outcome.reason
    assert not any(seat.balancer_closed for seat in fleet.seats.values() if seat.image)
    assert 1 <= sum(seat.image == NEW for seat in fleet.seats.values()) <= 4
    assert (await run(fleet, fleet.saved("d-1"))).ending == "done"
    assert fleet.settled(NEW) == []
    assert fleet.cut == []


async def test_what_an_operator_has_drained_is_replaced_and_stays_drained() -> None:
    fleet = Fleet({"fleet1": 10})
    fleet.seats["fleet1-3"].drained_by = "operator asha"
    assert (await run(fleet, deploy(fleet))).ending == "done"
    assert fleet.seats["fleet1-3"].image == NEW
    assert fleet.settled(NEW) == ["fleet1-3 is closed"]


async def test_a_host_that_is_away_for_a_while_is_waited_for() -> None:
    fleet = Fleet({"fleet1": 5, "fleet2": 5})
    world = fleet.world()

    def tell(event: str, *_: object, **facts: object) -> None:
        if event == "canary.passed":
            fleet.away.add("fleet1")
        elif event == "deploy.host_away":
            fleet.advance(60)
            fleet.away.clear()

    world.tell = tell
    assert (await Rollout(deploy(fleet), world, fleet.rules()).run()).ending == "done"
    assert fleet.settled(NEW) == []


async def test_a_host_that_stays_away_stops_the_deploy_and_another_run_finishes_it() -> None:
    fleet = Fleet({"fleet1": 5, "fleet2": 5})
    world = fleet.world()
    world.tell = lambda event, *_, **facts: fleet.away.add("fleet2") if event == "seat.opened" else None
    with pytest.raises(CommandError, match=r"fleet2 gives no answer.*--resume"):
        await Rollout(deploy(fleet), world, fleet.rules()).run()
    fleet.away.clear()
    fleet.advance(30)
    assert (await run(fleet, fleet.saved("d-1"))).ending == "done"
    assert fleet.settled(NEW) == []
    assert fleet.cut == []


async def test_the_journal_is_written_before_each_step() -> None:
    fleet = Fleet({"fleet1": 5})
    world = fleet.world()
    host = world.hosts["fleet1"]
    seen: list[bool] = []

    def watched(name: str) -> None:
        inner = getattr(host, name)

        async def outer(seat: object, *rest: object, **named: object) -> None:
            for id in seat if isinstance(seat, dict) else [seat]:
                seen.append(id in fleet.saved("d-1").in_hand)
            await inner(seat, *rest, **named)

        setattr(host, name, outer)

    for name in ("close", "open", "replace", "stop"):
        watched(name)
    assert (await Rollout(deploy(fleet), world, fleet.rules()).run()).ending == "done"
    assert len(seen) > 20
    assert all(seen)


async def test_a_second_deploy_of_the_same_image_changes_nothing() -> None:
    fleet = Fleet({"fleet1": 5})
    await run(fleet, deploy(fleet))
    before = len(fleet.trail)
    assert (await run(fleet, deploy(fleet, "d-2"))).ending == "done"
    assert len(fleet.trail) == before
    assert all(seat.image == NEW for seat in fleet.seats.values() if not seat.surge)
    assert OLD not in {seat.image for seat in fleet.seats.values()}
