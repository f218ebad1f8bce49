"""What is counted of calls. Pure: rows in, figures out; a tally of tallies is their sum."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Document = dict[str, Any]
CONNECTED = frozenset({"bot", "customer", "timeout", "transfer_to_agent"})
"""Ends of calls in which both sides spoke; with a duration of 0 nobody did."""
NONE = "none"
OTHER = "(other)"
KEPT_DISPOSITIONS = 200
"""Dispositions are words of a model: a document holds the most frequent ones, the rest is one figure."""
FIELDS = (
    "bot_id", "campaign_id", "status", "disconnected_by", "disposition", "was_transferred", "call_duration_seconds",
    "avg_response_ms",
)  # fmt: skip
_STEP = math.log(1.05)
_LONGEST_MS = 600_000.0


def bin_of(ms: float) -> int:
    """The bin of a duration; bins grow by 5 %, so a percentile read from them is off by 2.5 % at most."""
    return round(math.log(min(max(ms, 1.0), _LONGEST_MS)) / _STEP)


def ms_of(number: int) -> float:
    """The middle of a bin, milliseconds."""
    return math.exp(number * _STEP)


@dataclass
class Tally:
    """Counts of some calls. `seconds`: of all of them; `response_ms`: sum of their average response times."""

    calls: int = 0
    connected: int = 0
    transferred: int = 0
    seconds: float = 0.0
    connected_seconds: float = 0.0
    response_ms: float = 0.0
    status: Counter[str] = field(default_factory=Counter[str])
    causes: Counter[str] = field(default_factory=Counter[str])
    dispositions: Counter[str] = field(default_factory=Counter[str])
    bins: Counter[int] = field(default_factory=Counter[int])

    def add_call(self, call: Mapping[str, Any]) -> None:
        """Count one record of `calls`."""
        status = str(call.get("status") or NONE)
        seconds = _number(call.get("call_duration_seconds"))
        self.calls += 1
        self.status[status] += 1
        if status == "in_progress":
            return
        cause = str(call.get("disconnected_by") or NONE)
        self.causes[cause] += 1
        self.dispositions[str(call.get("disposition") or NONE)] += 1
        self.transferred += 1 if call.get("was_transferred") is True else 0
        self.seconds += seconds
        if cause in CONNECTED and seconds > 0:
            self.connected += 1
            self.connected_seconds += seconds
        if (response := _number(call.get("avg_response_ms"))) > 0:
            self.response_ms += response
            self.bins[bin_of(response)] += 1

    def add(self, other: Tally) -> None:
        self.calls += other.calls
        self.connected += other.connected
        self.transferred += other.transferred
        self.seconds += other.seconds
        self.connected_seconds += other.connected_seconds
        self.response_ms += other.response_ms
        self.status.update(other.status)
        self.causes.update(other.causes)
        self.dispositions.update(other.dispositions)
        self.bins.update(other.bins)

    @property
    def ended(self) -> int:
        return self.calls - self.status["in_progress"]

    def percentile_ms(self, share: float) -> float | None:
        """The response time that `share` of the calls stay under; None without samples."""
        total = self.bins.total()
        rank, seen = math.ceil(share * total), 0
        for number in sorted(self.bins):
            seen += self.bins[number]
            if seen >= rank:
                return round(ms_of(number))
        return None

    def document(self) -> Document:
        """As it is stored. Texts stand in lists: as names of fields they could hold a dot."""
        kept = sorted(self.dispositions.items(), key=lambda item: (item[0] == OTHER, -item[1], item[0]))
        rest = sum(count for _, count in kept[KEPT_DISPOSITIONS:])
        shown = [list(item) for item in kept[:KEPT_DISPOSITIONS]]
        return {
            "calls": self.calls, "connected": self.connected, "transferred": self.transferred,
            "seconds": round(self.seconds, 3), "connected_seconds": round(self.connected_seconds, 3),
            "response_ms": round(self.response_ms, 3),
            "status": sorted(self.status.items()), "causes": sorted(self.causes.items()),
            "dispositions": [*shown, [OTHER, rest]] if rest else shown, "bins": sorted(self.bins.items()),
        }  # fmt: skip

    def add_stored(self, stored: Mapping[str, Any]) -> None:
        """Add what `document` gave. A chart adds a thousand of them: none becomes a tally of its own first."""
        self.calls += stored["calls"]
        self.connected += stored["connected"]
        self.transferred += stored["transferred"]
        self.seconds += stored["seconds"]
        self.connected_seconds += stored["connected_seconds"]
        self.response_ms += stored["response_ms"]
        _add(self.status, stored["status"])
        _add(self.causes, stored["causes"])
        _add(self.dispositions, stored["dispositions"])
        _add(self.bins, stored["bins"])


def _add(counts: Counter[Any], pairs: Iterable[tuple[Any, int]]) -> None:
    for name, count in pairs:
        counts[name] = counts.get(name, 0) + count


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0


Key = tuple[str, str]
"""Bot and campaign; "" where there is none."""


class Count:
    """Tallies by bot and campaign of one bucket or day."""

    def __init__(self) -> None:
        self.by_key: dict[Key, Tally] = {}

    def add_call(self, call: Mapping[str, Any]) -> None:
        key = (str(call.get("bot_id") or ""), str(call.get("campaign_id") or ""))
        self.by_key.setdefault(key, Tally()).add_call(call)

    def add_rows(self, rows: Iterable[Mapping[str, Any]]) -> None:
        for row in rows:
            self.by_key.setdefault((row["bot_id"], row["campaign_id"]), Tally()).add_stored(row)

    def __bool__(self) -> bool:
        return bool(self.by_key)

    def whole(self) -> Tally:
        total = Tally()
        for tally in self.by_key.values():
            total.add(tally)
        return total

    def document(self) -> Document:
        """`all` is the sum of `rows`: most questions ask for nothing else."""
        rows = [
            {"bot_id": bot_id, "campaign_id": campaign_id, **tally.document()}
            for (bot_id, campaign_id), tally in sorted(self.by_key.items())
        ]
        return {"all": self.whole().document(), "rows": rows}

    def by_bot(self) -> list[tuple[str, Document]]:
        """The document of each bot alone; calls without one are in none."""
        parts: dict[str, Count] = {}
        for key, tally in self.by_key.items():
            if key[0]:
                parts.setdefault(key[0], Count()).by_key[key] = tally
        return [(bot_id, part.document()) for bot_id, part in parts.items()]
