"""Thousands of callees as one line of a file: shares of outcomes, times and talk, drawn from a seed."""

import hashlib
import math
from datetime import datetime
from statistics import NormalDist
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, model_validator
from voxkit.zones import zone_of

CrowdOutcome = Literal["answer", "machine", "hang_up_early", "no_answer", "busy", "reject", "invalid", "error"]
ANSWERED: tuple[CrowdOutcome, ...] = ("answer", "machine", "hang_up_early")
USUAL: dict[CrowdOutcome, float] = {"answer": 0.45, "machine": 0.1, "no_answer": 0.3, "busy": 0.1, "reject": 0.05}
Seconds = Annotated[float, Field(ge=0, le=120)]
Hours = Annotated[str, Field(pattern=r"^([01]\d|2[0-3])-([01]\d|2[0-4])$")]


class Talk(BaseModel):
    """How long people stay: log-normal around `median_s`, never above `max_s`. `spread` 0: all the same."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    median_s: float = Field(default=30.0, gt=0, le=3600)
    spread: float = Field(default=0.6, ge=0, le=2)
    max_s: float = Field(default=300.0, gt=0, le=3600)

    def drawn(self, share: float) -> float:
        """The length at this share of the distribution, 0 to 1."""
        deviation = NormalDist().inv_cdf(min(max(share, 1e-6), 1 - 1e-6))
        return min(self.max_s, self.median_s * math.exp(self.spread * deviation))


class Drawn(BaseModel):
    """What one call to one number of a crowd will be."""

    outcome: CrowdOutcome
    rings_s: float
    talk_s: float


class Crowd(BaseModel):
    """`count` numbers from `first` on.

    `outcomes` are weights. Whether a number is `invalid` is a fact of the number; everything else is drawn anew for
    each call to it, from `seed`, the number and how often it was called: a run with the same calls is the same run.
    `hours` multiplies the weights of the answered outcomes by the local hour of the call in `timezone`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    first: str = Field(pattern=r"^\+[1-9]\d{6,14}$")
    count: int = Field(ge=1, le=1_000_000)
    seed: int = 1
    outcomes: dict[CrowdOutcome, Annotated[float, Field(ge=0)]] = Field(default_factory=lambda: dict(USUAL))
    after_s: tuple[Seconds, Seconds] = (2.0, 12.0)
    talk_s: Talk = Talk()
    timezone: str = "UTC"
    hours: dict[Hours, Annotated[float, Field(ge=0, le=100)]] = Field(default_factory=dict)
    persona: str | None = Field(
        default=None, description="Speaks as this persona; unset: light callees without speech."
    )

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if self.after_s[0] > self.after_s[1]:
            raise ValueError("after_s: the first number is the smaller one")
        if not any(self.outcomes.values()):
            raise ValueError("outcomes: at least one needs a weight above 0")
        if zone_of(self.timezone) is None:
            raise ValueError(f"timezone: {self.timezone!r} is no IANA name such as Europe/Berlin")
        if len(str(self._first + self.count - 1)) > 15:
            raise ValueError("count: the last number would have more than 15 digits")
        return self

    @property
    def _first(self) -> int:
        return int(self.first[1:])

    def has(self, number: str) -> bool:
        return number[:1] == "+" and number[1:].isdecimal() and 0 <= int(number[1:]) - self._first < self.count

    def numbers(self) -> list[str]:
        """All of them, in order."""
        return [f"+{self._first + index}" for index in range(self.count)]

    def draw(self, number: str, turn: int, at: datetime) -> Drawn:
        """What becomes of the call number `turn` (from 0) to this number, placed at this moment."""
        total = sum(self.outcomes.values())
        if self._share("invalid", number) * total < self.outcomes.get("invalid", 0.0):
            return Drawn(outcome="invalid", rings_s=0, talk_s=0)
        factor = self._factor(at)
        weights: dict[CrowdOutcome, float] = {
            outcome: weight * (factor if outcome in ANSWERED else 1.0)
            for outcome, weight in self.outcomes.items()
            if outcome != "invalid"
        }
        rings_s = self.after_s[0] + self._share("rings", number, turn) * (self.after_s[1] - self.after_s[0])
        talk_s = self.talk_s.drawn(self._share("talk", number, turn))
        return Drawn(outcome=_picked(weights, self._share("outcome", number, turn)), rings_s=rings_s, talk_s=talk_s)

    def _factor(self, at: datetime) -> float:
        hour = at.astimezone(ZoneInfo(self.timezone)).hour
        for span, factor in self.hours.items():
            begin, end = (int(part) for part in span.split("-"))
            inside = begin <= hour < end if begin < end else hour >= begin or hour < end
            if inside:
                return factor
        return 1.0

    def _share(self, *what: object) -> float:
        """A number in [0, 1) that depends on the seed and on what is asked, and on nothing else."""
        text = "/".join(map(str, (self.seed, *what)))
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") / 2**64


def _picked(weights: dict[CrowdOutcome, float], share: float) -> CrowdOutcome:
    left = share * sum(weights.values())
    for outcome, weight in weights.items():
        left -= weight
        if left < 0:
            return outcome
    return "no_answer"  # hours have taken every weight away
