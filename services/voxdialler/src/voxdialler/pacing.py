"""How many calls a campaign may begin now: numbers in, numbers out, no clock and no store (section 9).

`reserved`: every dial holds a seat from before the first ring, so nobody who answers is left without a bot.
`predictive`: more phones ring than seats are free, as many as the measured answer rate makes likely to be picked up by
the time seats free; brakes hold the share of people who hear nobody under the target.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Mode = Literal["reserved", "predictive"]

MIN_RING_S = 4.0
"""Fewer seconds of ringing are not believed: a carrier that answers at once would ask for no calls at all."""


@dataclass(frozen=True)
class Rules:
    """The deployment's limits, from the settings of the same names. Shares are 0 to 1."""

    ring_timeout_s: float = 45
    cold_start: int = 20
    abandon_min_sample: int = 30
    abandon_target: float = 0.03
    abandon_hard: float = 0.05
    run_guard_min_sample: int = 100
    min_seats: int = 5
    safety: float = 1.0
    max_overdial: float = 4


@dataclass(frozen=True)
class Load:
    """A campaign's contacts by state: `ringing` = dialling and ringing, `busy` = answered. `limit`: its concurrency."""

    limit: int
    leased: int = 0
    ringing: int = 0
    busy: int = 0

    @property
    def active(self) -> int:
        return self.leased + self.ringing + self.busy


@dataclass(frozen=True)
class Measures:
    """What a campaign's calls were like in the window; null = nothing to tell it from.

    `aht_s`: mean talk, `ring_s`: mean ringing of all resolved dials, `pick_s`: of the answered ones, seconds.
    `abandon`, `run_abandon`: abandoned of answered without machines, in the window and in the run.
    """

    answer_rate: float | None = None
    aht_s: float | None = None
    ring_s: float | None = None
    pick_s: float | None = None
    abandon: float | None = None
    resolved: int = 0
    answered: int = 0
    conversations: int = 0
    run_abandon: float | None = None
    run_answered: int = 0


@dataclass(frozen=True)
class Pace:
    """How many contacts to lease now, and why; the fields are those of `live.pacing`."""

    demand: int
    mode: Mode
    mode_now: Mode
    why: str
    share: int
    seats: int | None = None
    rate: float | None = None
    brake: float | None = None
    pool: int | None = None
    head: int | None = None


def want(mode: Mode, load: Load) -> int:
    """How many more seats a campaign could use (P3)."""
    return max(0, load.limit - (load.busy if mode == "predictive" else load.active))


def fair_share(wants: Mapping[str, int], budget: int, order: Sequence[str]) -> dict[str, int]:
    """Max-min fair in whole seats: one each in turn to those who want more, in `order`, until nothing is left."""
    shares = dict.fromkeys(wants, 0)
    hungry = [name for name in order if wants.get(name, 0) > 0]
    while budget > 0 and hungry:
        # As many whole rounds at once as the smallest wish and the budget allow: 5,000 seats are not 5,000 turns.
        rounds = min(min(wants[name] - shares[name] for name in hungry), budget // len(hungry))
        if rounds:
            for name in hungry:
                shares[name] += rounds
            budget -= rounds * len(hungry)
        else:
            for name in hungry[:budget]:
                shares[name] += 1
            budget = 0
        hungry = [name for name in hungry if shares[name] < wants[name]]
    return shares


def pace(
    mode: Mode, load: Load, share: int, measured: Measures, cps_cap: float, rules: Rules, *, by_fallback: bool = False
) -> Pace:
    """The demand of one campaign. `share`: its part of the free seats; `cps_cap`: dials a second that its carriers
    allow; `by_fallback`: free seats are estimated, not reserved."""
    if mode == "reserved":
        return _reserved(mode, load, share, "")
    if hesitates := _why_reserved(load, share, measured, rules, by_fallback):
        return _reserved(mode, load, share, hesitates)
    return _predictive(load, share, measured, cps_cap, rules)


def _reserved(mode: Mode, load: Load, share: int, why: str) -> Pace:
    demand = max(0, min(load.limit - load.active, share))
    return Pace(demand, mode, "reserved", why, share, seats=min(load.limit, load.busy + share))


def _why_reserved(load: Load, share: int, measured: Measures, rules: Rules, by_fallback: bool) -> str:
    """What keeps a predictive campaign from predicting now (P6); empty when nothing does."""
    if rules.abandon_target <= 0:
        return "ABANDON_TARGET is 0"
    if by_fallback:
        return "the free seats are estimated, the registry is away"
    if measured.conversations < rules.cold_start:
        return f"fewer than {rules.cold_start} conversations yet"
    if not measured.answer_rate or not measured.aht_s:
        return "the answer rate or the talk time is not known"
    if min(load.limit, load.busy + share) < rules.min_seats:
        return f"fewer than {rules.min_seats} seats"
    if (measured.run_abandon or 0) > rules.abandon_target and measured.run_answered >= rules.run_guard_min_sample:
        return "this run has abandoned more than the target"
    return ""


def brake_of(measured: Measures, rules: Rules) -> float:
    """1 = none; the window's abandon rate above the target slows down, above the hard threshold by half or more."""
    if measured.answered < rules.abandon_min_sample or (measured.abandon or 0) <= rules.abandon_target:
        return 1.0
    abandon = measured.abandon or 0
    if abandon <= rules.abandon_hard:
        return rules.abandon_target / abandon
    return min(0.5, rules.abandon_target / rules.abandon_hard)


def _predictive(load: Load, share: int, measured: Measures, cps_cap: float, rules: Rules) -> Pace:
    answer_rate, aht_s = measured.answer_rate or 0, measured.aht_s or 0
    seats = min(load.limit, load.busy + share)
    rate = min(cps_cap, seats / (aht_s * answer_rate))
    brake = brake_of(measured, rules)
    ring_s = min(max(measured.ring_s or 0, MIN_RING_S), rules.ring_timeout_s)
    pool = max(1, min(math.ceil(rate * brake * ring_s), math.floor(rules.max_overdial * seats)))
    room = max(0.0, seats - load.busy + load.busy * (measured.pick_s or 0) / aht_s)
    safe = max(0.0, room - rules.safety * math.sqrt(room))
    head = math.floor(safe * brake / answer_rate)
    demand = max(0, min(pool, head) - load.ringing - load.leased)
    return Pace(demand, "predictive", "predictive", "", share, seats, round(rate, 3), round(brake, 3), pool, head)
