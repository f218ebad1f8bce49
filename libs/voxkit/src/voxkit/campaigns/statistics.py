"""Shares and rates of a campaign: one formula each, for the console's server and for the dialler."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict

PROCESSED = (
    "completed", "failed", "abandoned", "machine_detected_count", "window_closed", "manual_stopped", "excluded",
)  # fmt: skip


class Rates(TypedDict):
    """0 to 1, four places; null when there is nothing to divide by."""

    processed: int
    processed_share: float | None
    attempt_answer_rate: float | None
    connect_rate: float | None
    completion_rate: float | None
    abandon_rate: float | None


def share(part: float, whole: float) -> float | None:
    """`part` / `whole`, four places; None, never 0, when there is no whole."""
    return round(part / whole, 4) if whole > 0 else None


def rates(counts: Mapping[str, int]) -> Rates:
    """From the counts of `stats`, with `abandoned_attempts` and `machine_attempts`; an absent count is 0."""

    def count(name: str) -> int:
        return int(counts.get(name) or 0)

    processed = sum(count(name) for name in PROCESSED)
    return {
        "processed": processed,
        "processed_share": share(processed, count("total_calls")),
        "attempt_answer_rate": share(count("answered_attempts"), count("attempts")),
        "connect_rate": share(count("connected"), count("attempted")),
        "completion_rate": share(count("completed"), count("total_calls")),
        "abandon_rate": share(count("abandoned_attempts"), count("answered_attempts") - count("machine_attempts")),
    }
