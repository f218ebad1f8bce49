"""The latency summary of a call: arithmetic over its samples."""

import math
from collections.abc import Sequence

from voxkit.contracts.results import LatencySample, LatencySummary

STAGES = ("stt", "turn", "rag", "tool", "llm", "tts")


def percentile(values: Sequence[int], share: float) -> int | None:
    """The nearest-rank percentile: the smallest value that at least `share` (0 to 1) of all do not pass."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def average(values: Sequence[int]) -> int | None:
    return round(sum(values) / len(values)) if values else None


def summary(samples: Sequence[LatencySample], opening_ms: int | None) -> LatencySummary:
    """Averages over the turns that had the stage; absent stages are null (RS2)."""
    totals = [sample.total_ms for sample in samples if sample.total_ms is not None]
    stages = {
        f"{stage}_avg_ms": average(
            [value for sample in samples if (value := getattr(sample, f"{stage}_ms")) is not None]
        )
        for stage in STAGES
    }
    return LatencySummary(
        turns=len(samples),
        total_avg_response_ms=average(totals),
        total_p50_ms=percentile(totals, 0.5),
        total_p95_ms=percentile(totals, 0.95),
        opening_ms=opening_ms,
        **stages,
    )
