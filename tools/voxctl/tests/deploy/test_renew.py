"""Seats made anew on the image that they have: no call is cut, and a run that was killed is finished by the next."""

from __future__ import annotations

from typing import Any

import pytest
from voxctl.deploy.renew import Renewal, SeatFailed

from .simulated import OLD, Fleet, Host, Killed

pytestmark = [pytest.mark.unit]


class Run:
    """One run of the tool over a fleet; `done` is what stands on the host: seats that were told the new settings."""

    def __init__(self, fleet: Fleet, done: set[str]) -> None:
        self.fleet, self.done = fleet, done
        self.host = Host(fleet, "fleet1")
        self.renewal = Renewal(self.host, self.remake, fleet, "a test", health_timeout_s=20)

    async def remake(self, seat: str) -> None:
        await self.host.replace({seat: OLD}, deserted=True)
        self.done.add(seat)

    async def all(self) -> None:
        await self.renewal.all([seat for seat in self.fleet.seats if "-s" not in seat and seat not in self.done])


def fleet_of(seats: int, **more: Any) -> Fleet:
    return Fleet({"fleet1": seats}, surge=0, **more)


@pytest.mark.parametrize("seed", range(6))
async def test_every_seat_is_made_anew_once_while_calls_run(seed: int) -> None:
    fleet = fleet_of(6, seed=seed, load=0.7, batch=1)
    done: set[str] = set()
    fleet.advance(30)
    await Run(fleet, done).all()
    assert len(done) == 6
    assert fleet.cut == []
    assert fleet.settled(OLD) == []
    assert fleet.least_open >= 5 / 6


async def test_a_host_full_of_long_calls_is_waited_for() -> None:
    fleet = fleet_of(5, load=0.0, batch=1)
    for seat in fleet.seats.values():
        fleet._begin(seat, 400.0)
    fleet.stop_calls = True
    done: set[str] = set()
    await Run(fleet, done).all()
    assert len(done) == 5
    assert fleet.cut == []
    assert fleet.settled(OLD) == []


@pytest.mark.parametrize("before", [True, False])
async def test_a_run_that_is_killed_at_any_step_is_finished_by_the_next(before: bool) -> None:
    """No seat is left closed, none is made anew twice without need, no call is cut."""
    steps = 0
    while True:
        fleet = fleet_of(5, seed=steps, load=0.5, batch=1, kill_at=steps, kill_before=before)
        done: set[str] = set()
        fleet.advance(20)
        try:
            await Run(fleet, done).all()
        except Killed:
            fleet.kill_at = -1
            await Run(fleet, done).all()
        else:
            break
        assert len(done) == 5
        assert fleet.cut == []
        assert fleet.settled(OLD) == [], f"killed at step {steps}"
        steps += 1
    assert steps > 20


async def test_a_seat_that_does_not_come_back_stops_the_rest_and_stays_closed() -> None:
    fleet = fleet_of(5, load=0.3, batch=1, faults={OLD.ref: "does not start"})
    done: set[str] = set()
    with pytest.raises(SeatFailed, match=r"did not come back within 20 s \(ImportError: no module named pipecat\)"):
        await Run(fleet, done).all()
    assert len(done) == 1
    assert fleet.seats[done.pop()].balancer_closed


async def test_a_call_is_cut_by_order_alone_and_its_seat_comes_back() -> None:
    fleet = fleet_of(5, load=0.0, batch=1)
    seat = fleet.seats["fleet1-2"]
    fleet._begin(seat, 5_000.0)
    run = Run(fleet, set())
    (seen,) = [each for each in await run.host.seats() if each.id == seat.id]
    assert not await run.renewal.one(seen, patient=False)
    assert seat.phase == "busy"
    assert not seat.balancer_closed
    assert await run.renewal.one(seen, patient=False, cut=True)
    assert seat.phase == "idle"
    assert fleet.settled(OLD) == []
