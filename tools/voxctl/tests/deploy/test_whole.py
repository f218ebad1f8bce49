"""A release is good as a whole or not at all: services, seats and dialler go in their order, and back together."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from voxctl.deploy.outcome import Outcome
from voxctl.deploy.whole import Whole
from voxctl.deploy.work import InHand, Order, Work, go_back, renew, revert, set_out, take_in
from voxctl.deploy.world import Image, Release

from .simulated import Fleet
from .simulated import Killed as ToolKilled
from .simulated_services import RINGS_S, Host

pytestmark = [pytest.mark.unit, pytest.mark.virtual_time]

SERVICES = ("voxregistry", "voxbridge", "voxui", "voxdialler")


def of_release(tag: str) -> Release:
    return Release(tag=tag, refs={name: f"vox/{name}@sha256:{tag}" for name in (*SERVICES, "voxcore")})


FORMER, NEXT = of_release("2026.02.03-1"), of_release("2026.02.05-1")
SEAT = {release.tag: release.image("voxcore") for release in (FORMER, NEXT)}


@dataclass
class Plant:
    """A fleet host and an API host whose clocks go together."""

    fleet: Fleet
    hosts: dict[str, Host] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for seat in self.fleet.seats.values():
            seat.image = SEAT[FORMER.tag] if seat.image else None
        for service in SERVICES:
            host = self.hosts[service] = Host(service=service, now_s=self.fleet.time)
            for container in host.containers.values():
                container.image = FORMER.image(service)

        def pass_time(seconds: float) -> None:
            for host in self.hosts.values():
                host.pass_time(self.fleet.time - host.now_s)

        self.fleet.beside.append(pass_time)

    @property
    def trail(self) -> Fleet:
        return self.fleet

    def tell(self, event: str, text: str | None = None, /, **facts: Any) -> None:
        self.fleet.told.append(event)

    def replicas(self, host: str, service: str) -> Host:
        return self.hosts[service]

    def work(self, release: Release = NEXT, former: Work | None = None) -> Work:
        order = Order("d-1", release, self.fleet.time)
        return set_out(order, release.image("voxcore"), self.fleet.look(), former=former)

    async def run(self, work: Work) -> Outcome:
        places = [("api1", service) for service in SERVICES]
        return await Whole(self, work, self.fleet.rules(), places=places, world=self.fleet.world()).run()

    def running(self) -> dict[str, set[str]]:
        """Service -> references that it runs."""
        found = {name: set(host.refs().values()) for name, host in self.hosts.items()}
        seats = {seat.image.ref for seat in self.fleet.seats.values() if seat.image}
        return {**found, "voxcore": seats}

    @property
    def order(self) -> list[str]:
        """Services in the order in which they were first touched."""
        touched = [line["service"] for line in self.fleet.trail if line["action"].endswith((".replace", ".handover"))]
        return list(dict.fromkeys(touched))


@pytest.fixture
def plant() -> Plant:
    return Plant(Fleet({"fleet1": 5}, load=0.4))


def everywhere(release: Release) -> dict[str, set[str]]:
    return {name: {ref} for name, ref in release.refs.items()}


async def test_services_go_first_then_seats_then_the_dialler(plant: Plant) -> None:
    assert (await plant.run(plant.work())).ending == "done"
    assert plant.running() == everywhere(NEXT)
    assert plant.order == ["voxregistry", "voxbridge", "voxui", "voxcore", "voxdialler"]
    assert plant.fleet.cut == []
    assert all(host.dark == [] for host in plant.hosts.values() if not host.dials)


async def test_a_rollback_goes_the_other_way_round(plant: Plant) -> None:
    await plant.run(plant.work())
    plant.fleet.trail.clear()
    back = go_back(Order("r-1", FORMER, plant.fleet.time), SEAT[FORMER.tag], plant.fleet.look())
    assert (await plant.run(back)).ending == "done"
    assert plant.running() == everywhere(FORMER)
    assert plant.order == ["voxdialler", "voxcore", "voxui", "voxbridge", "voxregistry"]


async def test_the_seats_of_a_rollback_do_not_wait_for_phones_that_ring(plant: Plant) -> None:
    await plant.run(plant.work())
    asked = plant.fleet.time
    back = go_back(Order("r-1", FORMER, asked), SEAT[FORMER.tag], plant.fleet.look(), bad=[NEXT.tag])
    assert (await plant.run(back)).ending == "done"
    assert min(back.opened.values()) - asked <= 10
    assert plant.fleet.time - asked > RINGS_S
    assert plant.running() == everywhere(FORMER)


async def test_a_former_dialler_that_does_not_come_up_takes_no_seat_to_the_release_that_is_left(plant: Plant) -> None:
    await plant.run(plant.work())
    plant.hosts["voxdialler"].old_kind = "dead"
    back = go_back(Order("r-1", FORMER, plant.fleet.time), SEAT[FORMER.tag], plant.fleet.look(), bad=[NEXT.tag])
    outcome = await plant.run(back)
    assert (outcome.ending, outcome.exit_code) == ("human", 6)
    assert "voxdialler" in outcome.reason or "it does not start" in outcome.reason
    assert plant.running() == everywhere(FORMER) | {
        name: {NEXT.refs[name]} for name in ("voxregistry", "voxbridge", "voxui", "voxdialler")
    }


async def test_a_sick_service_does_not_wait_for_the_calls_on_the_seats(plant: Plant) -> None:
    await plant.run(plant.work())
    plant.fleet.stop_calls = True
    for seat in plant.fleet.seats.values():
        if seat.image:
            plant.fleet._begin(seat, 1200)
    began = plant.fleet.time
    work = plant.fleet.saved("d-1").model_copy(update={"stage": "reverting", "reason": "voxbridge is unwell"})
    revert(work, work.reason, harmful=False)
    plant.fleet.trail.clear()
    assert (await plant.run(work)).ending == "reverted"
    assert plant.running() == everywhere(FORMER)
    assert plant.fleet.time - began > 1200
    assert plant.order[-1] == "voxcore"
    assert plant.fleet.cut == []


@pytest.mark.parametrize("part", range(12))
@pytest.mark.parametrize("bad", [[], [NEXT.tag]], ids=["pinned", "bad"])
async def test_a_rollback_that_is_killed_anywhere_is_gone_on_with(plant: Plant, part: int, bad: list[str]) -> None:
    """Seats and dialler go side by side: one file says how far both are."""

    async def begun(plant: Plant) -> Work:
        await plant.run(plant.work())
        return go_back(Order("r-1", FORMER, plant.fleet.time), SEAT[FORMER.tag], plant.fleet.look(), bad=bad)

    counted = Plant(Fleet({"fleet1": 5}, load=0.4))
    work = await begun(counted)
    before = counted.fleet.effects
    assert (await counted.run(work)).ending == "done"
    work = await begun(plant)
    plant.fleet.kill_at = plant.fleet.effects + (counted.fleet.effects - before) * part // 12
    with pytest.raises(ToolKilled):
        await plant.run(work)
    plant.fleet.kill_at = -1
    plant.fleet.advance(20)
    resumed = plant.fleet.saved("r-1") if "r-1" in plant.fleet.journal else work
    assert (await plant.run(resumed)).ending == "done"
    assert plant.running() == everywhere(FORMER)
    assert plant.fleet.settled(SEAT[FORMER.tag]) == []
    assert plant.fleet.cut == []


async def test_a_host_that_gives_no_answer_is_left_by_a_rollback_and_taken_by_the_next_run() -> None:
    plant = Plant(Fleet({"fleet1": 5, "fleet2": 5}, load=0.3))
    await plant.run(plant.work())
    fleet = plant.fleet
    fleet.away.add("fleet2")
    fleet.seats["fleet2-3"].phase, fleet.stop_calls = "idle", True
    there = [seat for seat in fleet.look() if seat.host == "fleet1"]
    former = fleet.saved("d-1").model_copy(update={"in_hand": {"fleet2-3": InHand()}})
    order = Order("r-1", FORMER, fleet.time)
    away = {"fleet2": "no route to host"}
    back = go_back(order, SEAT[FORMER.tag], there, bad=[NEXT.tag], away=away, former=former)
    outcome = await plant.run(back)
    assert (outcome.ending, outcome.exit_code, outcome.left) == ("later", 5, ("fleet2",))
    assert "no route to host" in outcome.reason
    assert {seat.image for seat in fleet.seats.values() if seat.host == "fleet2" and not seat.surge} == {SEAT[NEXT.tag]}
    assert fleet.tag_drains == {NEXT.tag}, "its seats must get no call when it is back"
    fleet.away.clear()
    work = fleet.saved("r-1")
    assert not work.over
    assert list(work.in_hand) == ["fleet2-3"]
    take_in(work, "fleet2", [seat for seat in fleet.look() if seat.host == "fleet2"])
    assert (await plant.run(work)).ending == "done"
    assert plant.running() == everywhere(FORMER)
    assert fleet.settled(SEAT[FORMER.tag]) == []
    assert fleet.cut == []


async def test_everything_is_made_anew_on_the_release_that_runs_and_no_call_notices(plant: Plant) -> None:
    """What a new secret needs: the same order, the same care, no other image."""
    fleet = plant.fleet
    before = {seat.id: seat.made for seat in fleet.seats.values()}
    since = {name: {id: one.at for id, one in host.containers.items()} for name, host in plant.hosts.items()}
    work = renew(Order("d-1", FORMER, fleet.time), SEAT[FORMER.tag], fleet.look())
    assert (await plant.run(work)).ending == "done"
    assert plant.running() == everywhere(FORMER)
    assert all(seat.made > before[seat.id] for seat in fleet.seats.values() if not seat.surge)
    assert all(
        one.at > since[name].get(id, 0) for name, host in plant.hosts.items() for id, one in host.containers.items()
    )
    assert plant.order == ["voxregistry", "voxbridge", "voxui", "voxcore", "voxdialler"]
    assert fleet.least_open >= 0.8
    assert fleet.cut == []
    assert all(host.dark == [] for host in plant.hosts.values() if not host.dials)


@pytest.mark.parametrize("part", range(6))
async def test_a_renewal_that_is_killed_goes_on_and_makes_nothing_anew_twice(plant: Plant, part: int) -> None:
    def renewal(fleet: Fleet) -> Work:
        return renew(Order("d-1", FORMER, fleet.time), SEAT[FORMER.tag], fleet.look())

    counted = Plant(Fleet({"fleet1": 5}, load=0.4))
    await counted.run(renewal(counted.fleet))
    fleet = plant.fleet
    fleet.kill_at = counted.fleet.effects * (part + 1) // 8
    with pytest.raises(ToolKilled):
        await plant.run(renewal(fleet))
    fleet.kill_at = -1
    fleet.advance(20)
    assert (await plant.run(fleet.saved("d-1"))).ending == "done"
    assert fleet.settled(SEAT[FORMER.tag]) == []
    assert {seat.made for seat in fleet.seats.values() if not seat.surge} <= {1, 2}
    assert fleet.cut == []


async def test_a_seat_that_does_not_come_back_from_a_renewal_calls_a_human(plant: Plant) -> None:
    plant.fleet.faults[FORMER.refs["voxcore"]] = "unregistered"
    work = renew(Order("d-1", FORMER, plant.fleet.time), SEAT[FORMER.tag], plant.fleet.look())
    outcome = await plant.run(work)
    assert (outcome.ending, outcome.exit_code) == ("human", 6)
    assert "the registry has no heartbeat" in outcome.reason
    assert sum(seat.phase in ("idle", "busy", "wrapping", "reserved") for seat in plant.fleet.seats.values()) >= 4


async def test_the_next_deploy_knows_what_services_ran_before_the_one_that_was_interrupted(plant: Plant) -> None:
    """An unproven image is no place to return to, for services as for seats."""
    plant.fleet.kill_at = 40
    with pytest.raises(ToolKilled):
        await plant.run(plant.work())
    plant.fleet.kill_at = -1
    former = plant.fleet.saved("d-1")
    assert "api1/voxregistry" in former.services
    third = of_release("2026.02.07-1")
    plant.fleet.faults[third.refs["voxcore"]] = "mute"
    order = Order("d-2", third, plant.fleet.time)
    work = set_out(order, third.image("voxcore"), plant.fleet.look(), former=former)
    assert (await plant.run(work)).ending == "reverted"
    assert plant.running() == everywhere(FORMER)


async def test_bad_seats_take_the_services_back_with_them(plant: Plant) -> None:
    plant.fleet.faults[NEXT.refs["voxcore"]] = "mute"
    outcome = await plant.run(plant.work())
    assert (outcome.ending, outcome.exit_code) == ("reverted", 4)
    assert "it cannot hold its check call" in outcome.reason
    assert plant.running() == everywhere(FORMER)
    assert plant.fleet.cut == []


async def test_a_bad_service_keeps_the_seats_as_they_are(plant: Plant) -> None:
    plant.hosts["voxbridge"].kind = "sick"
    outcome = await plant.run(plant.work())
    assert outcome.ending == "reverted"
    assert "health check" in outcome.reason
    assert plant.running() == everywhere(FORMER)
    assert not [line for line in plant.fleet.trail if line["action"] == "seat.replace"]


async def test_a_bad_dialler_takes_everything_back(plant: Plant) -> None:
    plant.hosts["voxdialler"].kind = "mute"
    outcome = await plant.run(plant.work())
    assert outcome.ending == "reverted"
    assert plant.running() == everywhere(FORMER)
    assert plant.fleet.cut == []


@pytest.mark.parametrize("part", range(12))
async def test_killed_anywhere_it_is_resumed_where_it_was(plant: Plant, part: int) -> None:
    counted = Plant(Fleet({"fleet1": 5}, load=0.4))
    await counted.run(counted.work())
    plant.fleet.kill_at = counted.fleet.effects * part // 12
    with pytest.raises(ToolKilled):
        await plant.run(plant.work())
    plant.fleet.kill_at = -1
    plant.fleet.advance(20)
    work = plant.fleet.saved("d-1") if "d-1" in plant.fleet.journal else plant.work()
    assert (await plant.run(work)).ending == "done"
    assert plant.running() == everywhere(NEXT)
    assert plant.fleet.cut == []


async def test_a_release_without_a_service_leaves_it_alone(plant: Plant) -> None:
    seats_alone = NEXT.model_copy(update={"refs": {"voxcore": NEXT.refs["voxcore"]}})
    assert (await plant.run(plant.work(seats_alone))).ending == "done"
    expected = everywhere(FORMER) | {"voxcore": {NEXT.refs["voxcore"]}}
    assert plant.running() == expected


def test_images_of_two_services_are_never_mixed_up() -> None:
    assert NEXT.image("voxui") == Image(tag=NEXT.tag, ref=NEXT.refs["voxui"])
