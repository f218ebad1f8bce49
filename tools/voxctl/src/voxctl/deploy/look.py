"""What a roll-out sees of its seats and remembers of them, and how many of them it may keep from callers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from voxctl.deploy.work import Work
from voxctl.deploy.world import SeatNow

OPEN_SHARE = 0.8
"""Of all seats, so many take calls at any moment, unless a tag harms callers."""
HEARD_WITHIN_S = 15.0


@dataclass(frozen=True)
class Look:
    """The seats of all hosts at one moment. `stopping`: take nothing more, finish what is in hand."""

    seats: Mapping[str, Sequence[SeatNow]]
    now: float
    stopping: bool = False

    @property
    def every(self) -> list[SeatNow]:
        return [seat for each in self.seats.values() for seat in each]


@dataclass
class Memory:
    """What one run of the tool remembers; another one begins anew, so nothing times out for having been interrupted.

    `since`: seat -> since when it is on its goal and not ready. `said`: seat -> when it was last told to close.
    `opened`: seat -> when it was last told to open. `idle`: host -> when an old idle seat was last seen there.
    `tries`: seat -> how often it was replaced. `finished`: when nothing was left to do.
    """

    since: dict[str, float] = field(default_factory=dict)
    tries: dict[str, int] = field(default_factory=dict)
    said: dict[str, float] = field(default_factory=dict)
    opened: dict[str, float] = field(default_factory=dict)
    idle: dict[str, float] = field(default_factory=dict)
    finished: float = 0.0


def closed(work: Work, seat: SeatNow, look: Look, memory: Memory) -> bool:
    """Whether we keep callers from it. One that was just opened has to hear of it first, and then the registry."""
    told = memory.opened.get(seat.id)
    unheard = told is not None and look.now - told < HEARD_WITHIN_S and not seat.admissible
    return seat.id in work.in_hand or unheard


def _spare(work: Work, look: Look, memory: Memory, more: int) -> bool:
    """Whether four fifths of the seats would take calls, surge seats among them, with so many more closed."""
    regular = [seat for seat in look.every if not seat.surge]
    shut = more + sum(closed(work, seat, look, memory) for seat in regular)
    extra = sum(seat.surge and seat.admissible and seat.id not in work.in_hand for seat in look.every)
    return shut <= 1 or len(regular) - shut + extra >= OPEN_SHARE * len(regular)


def may_close(work: Work, look: Look, memory: Memory) -> bool:
    """Whether the fleet can spare one seat more; one may always close."""
    return _spare(work, look, memory, 1)


def crowded(work: Work, look: Look, memory: Memory) -> bool:
    """Whether more seats are in hand than may be: a deploy takes over from one that had to hurry."""
    return not _spare(work, look, memory, 0)


def spared(work: Work, seat: SeatNow, look: Look, memory: Memory) -> bool:
    """A surge seat that stands in for closed ones stays until they are back."""
    return not seat.admissible or work.urgent or may_close(work, look, memory)
