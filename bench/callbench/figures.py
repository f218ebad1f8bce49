"""Figures and verdicts: pure arithmetic, and the lines that are printed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Verdict = Literal["met", "missed", "no goal", "too few"]
KEPT_SAMPLES = 100


@dataclass(frozen=True)
class Goal:
    """`at_most`: the value may not be larger; otherwise it may not be smaller."""

    value: float
    at_most: bool = True

    def met(self, value: float) -> bool:
        return value <= self.value if self.at_most else value >= self.value


@dataclass
class Line:
    """One figure. `values` maps a statistic (`p50`, `p95`, `value` …) to its number, `goals` some of them to a goal."""

    name: str
    text: str
    unit: str
    values: dict[str, float]
    goals: dict[str, Goal] = field(default_factory=dict)
    samples: list[float] = field(default_factory=list)
    count: int | None = None
    note: str = ""

    @property
    def verdict(self) -> Verdict:
        if not self.goals:
            return "no goal"
        if not self.values:
            return "too few"
        return "met" if all(goal.met(self.values[key]) for key, goal in self.goals.items()) else "missed"

    def as_json(self) -> dict[str, Any]:
        found = asdict(self)
        found["goals"] = {
            key: {"at_most" if goal.at_most else "at_least": goal.value} for key, goal in self.goals.items()
        }
        found["samples"] = [round(value, 2) for value in thinned(self.samples)]
        found["verdict"] = self.verdict
        return found

    def printed(self) -> str:
        values = "  ".join(
            f"{key} {shown(value)}" if key != "value" else shown(value) for key, value in self.values.items()
        )
        goal = ", ".join(
            f"{'' if key == 'value' else key + ' '}{'<=' if goal.at_most else '>='} {shown(goal.value)}"
            for key, goal in self.goals.items()
        )
        counted = f"  n={self.count}" if self.count is not None else ""
        head = f"{self.text:<46} {values or '-'} {self.unit}{counted}"
        tail = f"  [goal {goal}: {self.verdict.upper()}]" if goal else ""
        return head + tail + (f"  ({self.note})" if self.note else "")


def shown(value: float) -> str:
    """Three digits that mean something."""
    if value == 0 or abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def percentile(values: Sequence[float], share: float) -> float:
    """Nearest rank. Raises ValueError for no values."""
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def spread(
    name: str,
    text: str,
    values: Sequence[float],
    unit: str = "ms",
    *,
    shares: Sequence[float] = (0.5, 0.95),
    goals: dict[str, float] | None = None,
    note: str = "",
) -> Line:
    """A line of percentiles and the maximum; without values its verdict is `too few`."""
    found = {f"p{share * 100:g}": round(percentile(values, share), 2) for share in shares} if values else {}
    if values:
        found["max"] = round(max(values), 2)
    wanted = {key: Goal(goal) for key, goal in (goals or {}).items()}
    return Line(name, text, unit, found, wanted, list(values), len(values), note)


def single(
    name: str, text: str, value: float, unit: str, *, goal: Goal | None = None, note: str = "", count: int | None = None
) -> Line:
    return Line(name, text, unit, {"value": round(value, 3)}, {"value": goal} if goal else {}, [], count, note)


def thinned(values: Sequence[float], keep: int = KEPT_SAMPLES) -> list[float]:
    """At most `keep` of the values, evenly taken from all, so that the file stays small."""
    if len(values) <= keep:
        return list(values)
    return [values[at * len(values) // keep] for at in range(keep)]
