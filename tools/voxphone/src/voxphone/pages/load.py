"""The page of a load run: counts, latency distribution, pacing, calls."""

from collections.abc import Sequence

from voxphone import measure
from voxphone.load import LoadReport
from voxphone.pages import charts
from voxphone.pages.call import VOICE_TO_VOICE_GOAL_MS, spread_row
from voxphone.pages.shell import facts, page, section, table

SHOWN_CALLS = 100


def buckets(values: Sequence[float], wanted: int = 30) -> tuple[list[int], list[str]]:
    """Counts in buckets of a round width, and the lower end of each; both empty for no values."""
    if not values:
        return [], []
    step = charts.nice_step(max(values) - min(values) or 1.0, wanted)
    first = int(min(values) // step)
    counts = [0] * (int(max(values) // step) - first + 1)
    for value in values:
        counts[int(value // step) - first] += 1
    return counts, [f"{(first + index) * step:g}" for index in range(len(counts))]


def load_page(report: LoadReport) -> str:
    """HTML of a load run."""
    refused = sum(report.refused.values())
    body = [
        facts(
            [
                ("calls", report.placed, ""),
                ("admitted", report.admitted, "good" if report.admitted == report.placed else "bad"),
                ("refused", refused, "bad" if refused else ""),
                ("dropped", report.dropped, "bad" if report.dropped else "good"),
                ("latency p50 / p95, ms", _pair(report), ""),
                ("protocol errors", len(report.protocol_errors), "bad" if report.protocol_errors else "good"),
            ]
        )
    ]
    counts, names = buckets([float(value) for value in report.latencies_ms])
    if counts:
        body.append(
            section(
                "Turn latency",
                charts.histogram(counts, names, "ms"),
                "Turns by latency as heard; a bucket is named by its lower end.",
            )
        )
    rows = [
        spread_row("turn latency", report.latency_ms),
        spread_row("turn latency on the wire", report.wire_latency_ms),
        spread_row("answer to first word", report.first_word_ms),
        spread_row("barge-in to stop", report.barge_in_stop_ms),
        spread_row("connect", report.connect_ms),
        spread_row("refusal", report.refusal_ms),
        spread_row("chunk interval", report.interval_ms),
        spread_row("chunk off its time", report.deviation_ms),
    ]
    body.append(section("Milliseconds", table(["", "n", "mean", "p50", "p95", "p99", "max"], rows)))
    if any(report.offset_histogram):
        drawing = charts.histogram(
            report.offset_histogram, charts.offset_labels(measure.HISTOGRAM_REACH_MS), "ms early or late"
        )
        lag = f"The phone's own clock was late by {report.clock_lag_max_ms:.1f} ms at most."
        body.append(section("Pacing of the bots' audio", drawing, lag))
    admitted = [call for call in report.calls if call.latencies_ms][:24]
    if len(admitted) > 1:
        medians = [(f"{c.persona} {c.caller}", float(measure.percentile(c.latencies_ms, 0.5))) for c in admitted]
        body.append(
            section("Median latency of each call", charts.bars(medians, "ms", VOICE_TO_VOICE_GOAL_MS, "goal, p95"))
        )
    body.append(section("How calls ended", table(["", "calls"], _ends(report))))
    if report.protocol_errors:
        errors = [[e.rule, e.count, e.example] for e in report.protocol_errors]
        body.append(
            section("Broken rules of the protocol", table(["rule", "times", "first example"], errors, words=(2,)))
        )
    calls = [
        [c.caller, c.persona, c.outcome, c.ended_by, f"{c.duration_s:.1f}", c.reason[:60]]
        for c in report.calls[:SHOWN_CALLS]
    ]
    heading = f"Calls (first {SHOWN_CALLS} of {report.placed})" if report.placed > SHOWN_CALLS else "Calls"
    body.append(
        section(heading, table(["caller", "persona", "outcome", "ended by", "s", "reason"], calls, words=(1, 2, 3, 5)))
    )
    subtitle = (
        f"{report.started_at} · {report.lines} lines over {report.ramp_s:g} s · {report.wall_s:.1f} s in all · "
        f"at most {report.most_at_once} at once"
    )
    return page("Load run", subtitle, body)


def _pair(report: LoadReport) -> str:
    spread = report.latency_ms
    return f"{spread.p50:.0f} / {spread.p95:.0f}" if spread else "-"


def _ends(report: LoadReport) -> list[list[object]]:
    rows: list[list[object]] = [[f"ended by {name}", count] for name, count in report.ended_by.items()]
    rows += [[f"refused with {status}", count] for status, count in report.refused.items()]
    rows += [[f"failed: {reason}", count] for reason, count in report.failed.items()]
    return rows
