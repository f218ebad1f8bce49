"""What a campaign's calls were like lately: the inputs of pacing, from the attempts themselves (section 9).

Read from the store, not counted along: conversations are ended by results that voxbridge takes, and a restart or a
takeover finds the same figures.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from voxkit.campaigns import is_connected, share

from voxdialler.pacing import Measures

Document = dict[str, Any]
LONGEST_TALK = timedelta(minutes=15)
"""A conversation that ended in the window began at most so long before it; longer ones do not shape the mean."""
FIELDS = {
    "campaign_id": 1, "dialled_at": 1, "ringing_at": 1, "answered_at": 1, "ended_at": 1, "ring_seconds": 1,
    "talk_seconds": 1, "outcome": 1,
}  # fmt: skip
READ_EVERY_S = 5.0


@dataclass(frozen=True)
class Recent:
    """Of one campaign: what pacing reads, and what its panel shows. Rates are per second and per hour."""

    measures: Measures = field(default_factory=Measures)
    dials_per_second: float = 0.0
    dials_per_second_window: float = 0.0
    calls_per_minute: float = 0.0
    connected_per_hour: float = 0.0
    last_dial_at: datetime | None = None


def recent_of(attempts: Iterable[Document], now: datetime, window_s: int, before: Recent) -> Recent:
    """From the attempts of one campaign, dialled at any time: those that matter are found by their times.

    `before`: the last figures; a talk time that cannot be measured now stays what it was.
    """
    since, minute = now - timedelta(seconds=window_s), now - timedelta(seconds=60)
    resolved = answered = machine = abandoned = dialled = dialled_minute = connected = 0
    rings: list[float] = []
    picks: list[float] = []
    talks: list[float] = []
    last_dial_at = before.last_dial_at
    for attempt in attempts:
        dialled_at, ended_at = attempt.get("dialled_at"), attempt.get("ended_at")
        if dialled_at is None:
            continue
        last_dial_at = dialled_at if last_dial_at is None else max(last_dial_at, dialled_at)
        dialled += dialled_at > since
        dialled_minute += dialled_at > minute
        answered_at = attempt.get("answered_at")
        rang_until = answered_at or ended_at
        if rang_until is not None and rang_until > since:
            resolved += 1
            ring_s = attempt.get("ring_seconds")
            if ring_s is None:
                ring_s = (rang_until - (attempt.get("ringing_at") or dialled_at)).total_seconds()
            rings.append(ring_s)
            if answered_at is not None:
                answered += 1
                picks.append(ring_s)
                machine += attempt.get("outcome") == "amd_machine"
                abandoned += attempt.get("outcome") == "abandoned"
        if ended_at is not None and ended_at > since and is_connected(attempt.get("outcome") or ""):
            connected += 1
            if attempt.get("talk_seconds") is not None:
                talks.append(float(attempt["talk_seconds"]))
    measures = replace(
        before.measures,
        answer_rate=answered / resolved if resolved else before.measures.answer_rate,
        aht_s=_mean(talks) or before.measures.aht_s,
        ring_s=_mean(rings) if rings else before.measures.ring_s,
        pick_s=_mean(picks) if picks else before.measures.pick_s,
        abandon=share(abandoned, answered - machine),
        resolved=resolved,
        answered=answered,
    )
    hours = window_s / 3600
    return Recent(
        measures, round(dialled_minute / 60, 3), dialled / window_s, round(dialled / window_s * 60, 2),
        round(connected / hours, 1), last_dial_at,
    )  # fmt: skip


def _mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None


def with_run(measures: Measures, stats: Mapping[str, Any] | None) -> Measures:
    """The figures of the whole run beside those of the window, from the campaign's own statistics."""
    counted = stats or {}
    return replace(
        measures,
        conversations=int(counted.get("connected") or 0),
        run_abandon=counted.get("abandon_rate"),
        run_answered=int(counted.get("answered_attempts") or 0),
    )


class Book:
    """The recent figures of every running campaign, read again every few seconds."""

    def __init__(self, attempts: Any, window_s: int) -> None:
        self._attempts, self._window_s = attempts, window_s
        self._known: dict[str, Recent] = {}
        self._read_at: dict[str, datetime] = {}

    def of(self, campaign_id: str) -> Recent:
        return self._known.get(campaign_id, Recent())

    async def learn(self, campaign_ids: Iterable[str], now: datetime) -> None:
        """Read what is older than a few seconds; one query a campaign, closed by its index."""
        for campaign_id in campaign_ids:
            read_at = self._read_at.get(campaign_id)
            if read_at is not None and (now - read_at).total_seconds() < READ_EVERY_S:
                continue
            since = now - timedelta(seconds=self._window_s) - LONGEST_TALK
            query = self._attempts.find({"campaign_id": campaign_id, "dialled_at": {"$gte": since}}, FIELDS)
            self._known[campaign_id] = recent_of(
                [attempt async for attempt in query], now, self._window_s, self.of(campaign_id)
            )
            self._read_at[campaign_id] = now
