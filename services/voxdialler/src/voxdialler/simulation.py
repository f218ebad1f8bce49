"""A day of a campaign on a virtual clock: the real functions of pacing against simulated people.

    python -m voxdialler.simulation --contacts 100000 --seats 120 --charts docs/images

Deterministic for a seed. One campaign has all the seats; every contact is dialled once; nothing waits for real time.
"""

from __future__ import annotations

import argparse
import heapq
import json
import random
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from voxdialler import charts
from voxdialler.numbers import TokenBucket
from voxdialler.pacing import Load, Measures, Mode, Rules, pace

TICK_S = 2.0
WINDOW_S = 300.0
WAIT_FOR_A_SEAT_S = 1.5
"""An answered callee waits so long for a seat before it counts as abandoned (S3)."""
OPENS_S, CLOSES_S = 9 * 3600, 18 * 3600
BY_HOUR = (0.15, 0.20, 0.25, 0.22, 0.18, 0.25, 0.30, 0.35, 0.28)
"""Share of people who pick up, from nine o'clock on."""


@dataclass(frozen=True)
class Public:
    """The people. `answer_rates`: one an hour, the last one for all later ones; `talk_s`: mean of a conversation."""

    answer_rates: Sequence[float] = BY_HOUR
    talk_s: float = 60.0
    pick_s: tuple[float, float] = (4.0, 20.0)
    ring_out_s: tuple[float, float] = (25.0, 45.0)

    def answers(self, since_open_s: float, rng: random.Random) -> bool:
        hour = min(int(since_open_s // 3600), len(self.answer_rates) - 1)
        return rng.random() < self.answer_rates[hour]

    def rings(self, answers: bool, rng: random.Random) -> float:
        return rng.uniform(*(self.pick_s if answers else self.ring_out_s))

    def talks(self, rng: random.Random) -> float:
        """Log-normal: most conversations are short, a few are long."""
        return min(900.0, max(3.0, rng.lognormvariate(0, 0.6) * self.talk_s / 1.197))


@dataclass(frozen=True)
class Plan:
    """One run. `cap`: ABANDON_TARGET."""

    mode: Mode
    cap: float
    seats: int = 120
    contacts: int = 100_000
    cps: float = 40.0
    seed: int = 1
    public: Public = field(default_factory=Public)
    rules: Rules = field(default_factory=Rules)


@dataclass
class Minute:
    """One point of the charts. `seat_use`: share of seats in a conversation; `abandon`: of the window; `dials_s`."""

    at_s: float
    seat_use: float
    abandon: float | None
    dials_s: float


@dataclass
class Day:
    """What came of a run. Rates are shares of the answered; `after_warm_up` leaves the first half hour out."""

    mode: Mode
    cap: float
    seats: int
    dialled: int = 0
    answered: int = 0
    abandoned: int = 0
    abandon_rate: float = 0.0
    abandon_rate_after_warm_up: float = 0.0
    worst_window: float = 0.0
    seat_use: float = 0.0
    talked_h: float = 0.0
    hours: float = 0.0
    minutes: list[Minute] = field(default_factory=list[Minute])


class _Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class _Window:
    """The measures of the last five minutes, and of the whole run."""

    def __init__(self) -> None:
        self._resolved: deque[tuple[float, bool, float]] = deque()
        self._abandoned: deque[float] = deque()
        self._talks: deque[tuple[float, float]] = deque()
        self.answered = self.abandoned = self.conversations = 0
        self._last = Measures()

    def resolved(self, now: float, answered: bool, ring_s: float) -> None:
        self._resolved.append((now, answered, ring_s))
        self.answered += answered

    def abandon(self, now: float) -> None:
        self._abandoned.append(now)
        self.abandoned += 1

    def talked(self, now: float, talk_s: float) -> None:
        self._talks.append((now, talk_s))
        self.conversations += 1

    def measures(self, now: float) -> Measures:
        since = now - WINDOW_S
        for dated in (self._resolved, self._talks):
            while dated and dated[0][0] < since:
                dated.popleft()
        while self._abandoned and self._abandoned[0] < since:
            self._abandoned.popleft()
        picks = [ring for _, answered, ring in self._resolved if answered]
        last = self._last
        self._last = replace(
            last,
            answer_rate=len(picks) / len(self._resolved) if self._resolved else last.answer_rate,
            aht_s=_mean([talk for _, talk in self._talks]) or last.aht_s,
            ring_s=_mean([ring for _, _, ring in self._resolved]) or last.ring_s,
            pick_s=_mean(picks) or last.pick_s,
            abandon=len(self._abandoned) / len(picks) if picks else None,
            answered=len(picks),
            conversations=self.conversations,
            run_abandon=self.abandoned / self.answered if self.answered else None,
            run_answered=self.answered,
        )
        return self._last


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


class Simulation:
    """One run; `minutes` is worked off as fast as the machine can."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.rules = replace(plan.rules, abandon_target=plan.cap, abandon_hard=max(plan.rules.abandon_hard, plan.cap))
        self.day = Day(plan.mode, plan.cap, plan.seats)
        self._rng = random.Random(plan.seed)
        self._clock = _Clock()
        self._bucket = TokenBucket(plan.cps, plan.cps, self._clock)
        self._window = _Window()
        self._events: list[tuple[float, int, str, float, bool]] = []
        self._number = 0
        self._free, self._ringing, self._busy = plan.seats, 0, 0
        self._held: int = 0
        self._waiting: deque[float] = deque()
        self._warm: tuple[int, int] | None = None

    def run(self) -> Iterator[Minute]:
        """The day, minute by minute; `day` is whole at its end."""
        plan, day, now, talk_s, dialled_before = self.plan, self.day, 0.0, 0.0, 0
        while now < CLOSES_S - OPENS_S and (day.dialled < plan.contacts or self._ringing or self._busy):
            self._until(now)
            self._tick(now)
            talk_s += self._busy * TICK_S
            if now % 60 == 0:
                measured = self._window.measures(now)
                minute = Minute(now, self._busy / plan.seats, measured.abandon, (day.dialled - dialled_before) / 60)
                dialled_before = day.dialled
                if measured.answered >= self.rules.abandon_min_sample:
                    day.worst_window = max(day.worst_window, measured.abandon or 0.0)
                day.minutes.append(minute)
                yield minute
            if now == 1800:
                self._warm = self._window.answered, self._window.abandoned
            now += TICK_S
        day.answered, day.abandoned = self._window.answered, self._window.abandoned
        day.abandon_rate = round(day.abandoned / day.answered, 5) if day.answered else 0.0
        answered, abandoned = self._warm or (0, 0)
        late = day.answered - answered
        day.abandon_rate_after_warm_up = round((day.abandoned - abandoned) / late, 5) if late else 0.0
        day.hours, day.talked_h = round(now / 3600, 2), round(talk_s / 3600, 1)
        day.seat_use = round(talk_s / (now * plan.seats), 4) if now else 0.0
        day.worst_window = round(day.worst_window, 4)

    def _tick(self, now: float) -> None:
        plan = self.plan
        # In `reserved` a ringing phone holds a seat, so it is one of the seats that are not free.
        load = Load(limit=plan.seats, leased=0, ringing=self._ringing, busy=self._busy + len(self._waiting))
        measured = self._window.measures(now)
        chosen = pace(plan.mode, load, self._free, measured, plan.cps, self.rules)
        wanted = min(chosen.demand, plan.contacts - self.day.dialled)
        for _ in range(wanted):
            holds = chosen.mode_now == "reserved"
            if (holds and self._free == 0) or not self._bucket.take():
                break
            self._dial(now, holds)

    def _dial(self, now: float, holds: bool) -> None:
        public = self.plan.public
        answers = public.answers(now, self._rng)
        ring_s = public.rings(answers, self._rng)
        self.day.dialled += 1
        self._ringing += 1
        if holds:
            self._free -= 1
            self._held += 1
        self._at(now + ring_s, "answered" if answers else "rang_out", ring_s, holds)

    def _at(self, when: float, what: str, seconds: float, holds: bool) -> None:
        self._number += 1
        heapq.heappush(self._events, (when, self._number, what, seconds, holds))

    def _until(self, now: float) -> None:
        """Everything that happens up to `now`, in its order."""
        while self._events and self._events[0][0] <= now:
            when, _, what, seconds, holds = heapq.heappop(self._events)
            self._clock.now = when
            getattr(self, f"_{what}")(when, seconds, holds)
        self._clock.now = now

    def _rang_out(self, now: float, ring_s: float, holds: bool) -> None:
        self._ringing -= 1
        self._window.resolved(now, False, ring_s)
        if holds:
            self._held -= 1
            self._seat_is_free(now)

    def _answered(self, now: float, ring_s: float, holds: bool) -> None:
        self._ringing -= 1
        self._window.resolved(now, True, ring_s)
        if holds:
            self._held -= 1
            self._talk(now)
        elif self._free:
            self._free -= 1
            self._talk(now)
        else:
            self._waiting.append(now)
            self._at(now + WAIT_FOR_A_SEAT_S, "gives_up", now, False)

    def _gives_up(self, now: float, since: float, _: bool) -> None:
        if since in self._waiting:
            self._waiting.remove(since)
            self._window.abandon(now)

    def _talk(self, now: float) -> None:
        self._busy += 1
        talk_s = self.plan.public.talks(self._rng)
        self._at(now + talk_s, "hung_up", talk_s, False)

    def _hung_up(self, now: float, talk_s: float, _: bool) -> None:
        self._busy -= 1
        self._window.talked(now, talk_s)
        self._seat_is_free(now)

    def _seat_is_free(self, now: float) -> None:
        if self._waiting:
            self._waiting.popleft()
            self._talk(now)
        else:
            self._free += 1


def simulate(plan: Plan) -> Day:
    """A whole day at once."""
    simulation = Simulation(plan)
    for _ in simulation.run():
        pass
    return simulation.day


def grid(seed: int = 1) -> list[dict[str, float | str | int]]:
    """Seats, answer rates, talk times and safety against each other: seat use and abandon rate of three hours each."""
    found: list[dict[str, float | str | int]] = []
    for seats in (10, 50):
        for rate in (0.15, 0.25, 0.4, 0.6):
            for talk_s in (20.0, 60.0, 120.0):
                public = Public(answer_rates=(rate,), talk_s=talk_s)
                contacts = int(3 * 3600 * seats / (rate * talk_s)) + seats
                plans = [Plan("reserved", 0.03, seats, contacts, seed=seed, public=public)]
                plans += [
                    Plan("predictive", 0.03, seats, contacts, seed=seed, public=public, rules=Rules(safety=safety))
                    for safety in (0.0, 0.5, 1.0)
                ]
                for plan in plans:
                    day = simulate(plan)
                    found.append(
                        {
                            "seats": seats, "answer_rate": rate, "talk_s": talk_s, "mode": plan.mode,
                            "safety": plan.rules.safety if plan.mode == "predictive" else "",
                            "seat_use": day.seat_use, "abandon_rate": day.abandon_rate, "answered": day.answered,
                        }
                    )  # fmt: skip
    return found


def main() -> None:
    parser = argparse.ArgumentParser(prog="vox sim pacing", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--contacts", type=int, default=100_000, help="people on the list (100000)")
    parser.add_argument("--seats", type=int, default=120, help="call slots of the campaign (120)")
    parser.add_argument("--caps", default="0,0.01,0.03", help="ABANDON_TARGET of each run of `predictive`")
    parser.add_argument("--safety", type=float, default=1.0, help="PACING_SAFETY (1.0); 0 dials up to the brink")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--charts", type=Path, help="folder that the three charts are written to (SVG)")
    parser.add_argument("--grid", action="store_true", help="seats, answer rates and talk times against each other")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    try:
        caps = [float(cap) for cap in given.caps.split(",")]
    except ValueError:
        parser.error(f"--caps {given.caps}: expected shares with commas, like 0,0.01,0.03")
    if not 0 < given.contacts <= 2_000_000 or not 0 < given.seats <= 5_000 or not all(0 <= cap < 1 for cap in caps):
        parser.error("contacts 1 to 2000000, seats 1 to 5000, caps from 0 to below 1")
    if given.grid:
        for row in grid(given.seed):
            print(json.dumps(row))
        return
    plans = [Plan("reserved", 0.0, given.seats, given.contacts, seed=given.seed)]
    rules = Rules(safety=given.safety)
    plans += [Plan("predictive", cap, given.seats, given.contacts, seed=given.seed, rules=rules) for cap in caps]
    days: list[Day] = []
    for plan in plans:
        simulation = Simulation(plan)
        name = f"{plan.mode} {plan.cap:.0%}" if plan.mode == "predictive" else plan.mode
        for minute in simulation.run():
            if sys.stderr.isatty():
                at = OPENS_S + int(minute.at_s)
                print(f"\r{name}: {at // 3600:02d}:{at // 60 % 60:02d}", end="\x1b[K", file=sys.stderr, flush=True)
        if sys.stderr.isatty():
            print("\r\x1b[K", end="", file=sys.stderr)
        day = simulation.day
        days.append(day)
        figures = {key: value for key, value in asdict(day).items() if key != "minutes"}
        if given.json:
            print(json.dumps({"event": "sim.pacing", **figures}))
        else:
            print(
                f"{name:15} {day.hours:5.2f} h  {day.dialled:7,} dialled  {day.answered:6,} answered  seats talking "
                f"{day.seat_use:4.0%}  abandoned {day.abandoned:5,} = {day.abandon_rate:.2%}, after half an hour "
                f"{day.abandon_rate_after_warm_up:.2%}"
            )
    if given.charts:
        for path in charts.write(days, given.charts):
            print(f"written: {path}", file=sys.stderr)


if __name__ == "__main__":
    main()
