"""Draws up the report of a call from what its line has collected."""

from collections.abc import Sequence
from dataclasses import dataclass

from voxphone import measure
from voxphone.callee import Callee
from voxphone.ear import Ear, JitterBuffer
from voxphone.report import CallReport, Clock, Pacing, ProtocolError
from voxphone.wire.base import Faults

# The worker may be 60 ms ahead of the clock (W8); the rest is what a busy machine smears in a chunk's arrival.
LEAD_ALLOWED_MS = 60 + 200
# A hang-up may cut what the worker had sent ahead only if it is not speech any more; one frame is rounding.
CUT_ALLOWED_MS = 20


@dataclass(frozen=True)
class Tracks:
    """Everything that was counted during the call; times since the answer."""

    ear: Ear
    callee: Callee
    arrivals: measure.Arrivals
    jitter: JitterBuffer
    flushes_s: list[float]


def fill(
    report: CallReport, tracks: Tracks, faults: Faults, lags_ms: Sequence[float], pings_ms: Sequence[float]
) -> None:
    """Write durations, turns, barge-ins, pacing and protocol errors into `report`."""
    ear, marks, arrivals = tracks.ear, tracks.callee.marks, tracks.arrivals
    report.duration_s = measure.seconds(ear.tick + 1)
    report.turns = measure.turns(marks, ear.stretches, arrivals.onsets_s, ear.tick)
    report.barge_ins = measure.barge_ins(marks, ear.stretches, tracks.flushes_s, ear.tick)
    if arrivals.onsets_s:
        report.first_word_ms = round(arrivals.onsets_s[0] * 1000, 1)
    if ear.stretches:
        report.first_heard_ms = round(measure.seconds(ear.stretches[0].first_tick) * 1000)
    report.pacing = Pacing(
        chunks=arrivals.chunks,
        runs=arrivals.runs,
        audio_s=round(arrivals.audio_ms / 1000, 3),
        interval_ms=measure.spread(arrivals.intervals_ms),
        deviation_ms=measure.spread([abs(offset) for offset in arrivals.offsets_ms]),
        offset_histogram=measure.histogram(arrivals.offsets_ms),
        lead_max_ms=round(arrivals.lead_max_ms, 1),
        underruns=tracks.jitter.underruns,
    )
    if lags_ms:
        report.clock = Clock(
            ticks=len(lags_ms),
            lag_p99_ms=round(measure.percentile(lags_ms, 0.99), 2),
            lag_max_ms=round(max(lags_ms), 2),
        )
    report.ping_ms = measure.spread(pings_ms)
    if report.protocol == "vox":
        # A phone that was late itself saw the chunks that had waited for it come all at once.
        if arrivals.lead_max_ms > LEAD_ALLOWED_MS + max(lags_ms, default=0.0):
            faults.add("audio is at most 60 ms ahead of the clock", f"{arrivals.lead_max_ms:.0f} ms")
        if report.ended_by == "bot" and report.cut_ms > CUT_ALLOWED_MS:
            faults.add("the hang-up waits for the last word", f"{report.cut_ms} ms were never heard")
    report.protocol_errors = [
        ProtocolError(rule=rule, count=count, example=example) for rule, (count, example) in faults.found.items()
    ]
