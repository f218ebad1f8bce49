"""Simulated days: nobody is left without a bot in `reserved`, few enough in `predictive`, and the brakes act."""

from __future__ import annotations

from dataclasses import replace

import pytest
from voxdialler.pacing import Rules
from voxdialler.simulation import Plan, Public, Simulation, simulate

pytestmark = [pytest.mark.unit]

STEADY = Public(answer_rates=(0.25,), talk_s=60)


def test_reserved_abandons_nobody_over_ten_thousand_answers() -> None:
    day = simulate(Plan("reserved", 0.03, seats=60, contacts=50_000))
    assert day.answered >= 10_000
    assert day.abandoned == 0


@pytest.mark.parametrize("cap", [0.01, 0.03])
@pytest.mark.parametrize(("seats", "contacts"), [(10, 20_000), (50, 60_000)])
def test_predictive_stays_within_its_cap_over_a_day_and_uses_its_seats_better(
    seats: int, contacts: int, cap: float
) -> None:
    day = simulate(Plan("predictive", cap, seats, contacts))
    careful = simulate(Plan("reserved", cap, seats, contacts))
    assert day.answered >= 2_000
    assert day.abandon_rate_after_warm_up <= cap
    assert day.seat_use >= 1.7 * careful.seat_use


def test_a_cap_of_zero_is_reserved() -> None:
    plan = Plan("predictive", 0.0, seats=20, contacts=5_000)
    assert replace(simulate(plan), mode="reserved") == simulate(replace(plan, mode="reserved"))


def test_an_answer_rate_that_jumps_in_the_middle_stays_within_three_percent() -> None:
    jump = Public(answer_rates=(0.15, 0.15, 0.60), talk_s=60)
    day = simulate(Plan("predictive", 0.03, seats=50, contacts=40_000, public=jump))
    assert day.abandoned > 0
    assert day.abandon_rate <= 0.03


def test_without_its_margin_the_brake_alone_holds_the_rate_near_the_cap() -> None:
    brink = Plan("predictive", 0.03, seats=10, contacts=20_000, rules=Rules(safety=0))
    unbraked = replace(brink, cap=0.5)
    assert simulate(brink).abandon_rate <= 0.035
    assert simulate(unbraked).abandon_rate > 0.05, "there is something to brake"


def test_seats_are_neither_lost_nor_made() -> None:
    simulation = Simulation(Plan("predictive", 0.03, seats=20, contacts=3_000, public=STEADY))
    for _ in simulation.run():
        assert 0 <= simulation._free <= 20
        assert simulation._free + simulation._busy + simulation._held == 20


def test_the_same_seed_gives_the_same_day_and_another_one_another() -> None:
    plan = Plan("predictive", 0.03, seats=10, contacts=2_000)
    assert simulate(plan) == simulate(plan)
    assert simulate(plan) != simulate(replace(plan, seed=2))
