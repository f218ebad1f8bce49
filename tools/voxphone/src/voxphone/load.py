"""Many calls at once: lines that start over a ramp, bounded by a number of calls and by time; one report of all."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from pydantic import BaseModel, Field, computed_field
from voxkit.clock import iso, utc_now

from voxphone import measure
from voxphone.errors import PhoneError
from voxphone.persona import Persona
from voxphone.phone import PhoneCall
from voxphone.report import CallReport, ProtocolError, Spread
from voxphone.target import CallOptions, CallTarget
from voxphone.voice import Voice

RETRY_PAUSE_S = 1.0
MAX_LINES, MAX_CALLS = 2000, 100_000
KEPT_REPORTS = 500


@dataclass(frozen=True)
class LoadPlan:
    """What to do. Targets and personas are taken in turn.

    `lines`: calls at once at most. `ramp_s`: time over which the lines start. `calls`: calls in all, refused ones
    included; as many as lines when left out. `for_s`: no call starts after this time; None = only `calls` bounds it.
    """

    targets: Sequence[CallTarget]
    personas: Sequence[Persona]
    lines: int = 1
    ramp_s: float = 0.0
    calls: int | None = None
    for_s: float | None = None
    options: CallOptions = field(default_factory=lambda: CallOptions(transcribe="off"))

    def __post_init__(self) -> None:
        if not self.targets or not self.personas:
            raise PhoneError("load needs at least one address and one persona")
        if not 1 <= self.lines <= MAX_LINES or not 1 <= self.total <= MAX_CALLS:
            raise PhoneError(f"load runs 1 to {MAX_LINES} lines and 1 to {MAX_CALLS} calls")
        if self.ramp_s < 0 or (self.for_s is not None and self.for_s <= 0):
            raise PhoneError("ramp and duration are seconds, not negative")

    @property
    def total(self) -> int:
        if self.calls is not None:
            return self.calls
        return MAX_CALLS if self.for_s is not None else self.lines


class LoadReport(BaseModel):
    """Figures over all calls. Latencies are those of the phone; see `CallReport`."""

    started_at: str
    wall_s: float
    lines: int
    ramp_s: float
    most_at_once: int = 0
    placed: int = 0
    admitted: int = Field(default=0, description="Upgrades that were accepted.")
    refused: dict[str, int] = Field(default_factory=dict, description="HTTP status (or close code) -> count.")
    failed: dict[str, int] = Field(default_factory=dict, description="Reason -> count of calls that reached nobody.")
    dropped: int = Field(default=0, description="Admitted calls whose line was lost or closed without a hang-up.")
    silent: int = Field(default=0, description="Admitted calls in which the bot never said a word.")
    ended_by: dict[str, int] = Field(default_factory=dict)
    bot_reasons: dict[str, int] = Field(default_factory=dict, description="Reasons in hang-ups by the bot.")
    latency_ms: Spread | None = None
    wire_latency_ms: Spread | None = None
    first_word_ms: Spread | None = None
    connect_ms: Spread | None = None
    refusal_ms: Spread | None = None
    barge_in_stop_ms: Spread | None = None
    interval_ms: Spread | None = None
    deviation_ms: Spread | None = None
    offset_histogram: list[int] = Field(default_factory=list)
    latencies_ms: list[int] = Field(default_factory=list)
    call_seconds: float = 0.0
    clock_lag_max_ms: float = Field(
        default=0.0, description="Lag of the phone's own clock; figures below it mean nothing."
    )
    protocol_errors: list[ProtocolError] = Field(default_factory=list)
    calls: list[CallReport] = Field(default_factory=list, description="At most 500, without moments.")

    @computed_field
    @property
    def ok(self) -> bool:
        """Every call was admitted, none was dropped, no rule of the protocol was broken."""
        return self.placed > 0 and self.admitted == self.placed and not self.dropped and not self.protocol_errors


class _Tally:
    """Collects finished calls; raw values, because percentiles of percentiles are none."""

    def __init__(self) -> None:
        self.reports: list[CallReport] = []
        self.intervals_ms: list[float] = []
        self.offsets_ms: list[float] = []
        self.running = self.most = 0

    def report(self, plan: LoadPlan, started_at: str, wall_s: float) -> LoadReport:
        reports = self.reports
        admitted = [r for r in reports if r.outcome in ("completed", "not_answered")]
        refused = [r for r in reports if r.outcome == "refused"]
        turns = [turn for r in admitted for turn in r.turns]
        errors: dict[str, ProtocolError] = {}
        for error in (error for r in admitted for error in r.protocol_errors):
            known = errors.setdefault(error.rule, error.model_copy(update={"count": 0}))
            known.count += error.count
        latencies = [turn.latency_ms for turn in turns if turn.latency_ms is not None]
        stops = [b.stop_frame_ms for r in admitted for b in r.barge_ins if b.stop_frame_ms is not None]
        return LoadReport(
            started_at=started_at,
            wall_s=round(wall_s, 2),
            lines=plan.lines,
            ramp_s=plan.ramp_s,
            most_at_once=self.most,
            placed=len(reports),
            admitted=len(admitted),
            refused=_counted(str(r.refusal.status if r.refusal else r.close_code) for r in refused),
            failed=_counted(r.reason for r in reports if r.outcome == "failed"),
            dropped=sum(r.ended_by in ("line_lost", "worker_closed") for r in admitted),
            silent=sum(r.first_heard_ms is None for r in admitted),
            ended_by=_counted(r.ended_by for r in admitted),
            bot_reasons=_counted(r.reason or "none" for r in admitted if r.ended_by == "bot"),
            latency_ms=measure.spread(latencies),
            wire_latency_ms=measure.spread([t.wire_latency_ms for t in turns if t.wire_latency_ms is not None]),
            first_word_ms=measure.spread([r.first_word_ms for r in admitted if r.first_word_ms is not None]),
            connect_ms=measure.spread([r.connect_ms for r in admitted if r.connect_ms is not None]),
            refusal_ms=measure.spread([r.refusal.after_ms for r in refused if r.refusal]),
            barge_in_stop_ms=measure.spread(stops),
            interval_ms=measure.spread(self.intervals_ms),
            deviation_ms=measure.spread([abs(offset) for offset in self.offsets_ms]),
            offset_histogram=measure.histogram(self.offsets_ms),
            latencies_ms=latencies,
            call_seconds=round(sum(r.duration_s for r in admitted), 1),
            clock_lag_max_ms=max((r.clock.lag_max_ms for r in admitted), default=0.0),
            protocol_errors=list(errors.values()),
            calls=reports[:KEPT_REPORTS],
        )


async def run_load(plan: LoadPlan, *, voice: Voice, on_call: Callable[[CallReport], None] | None = None) -> LoadReport:
    """Run the plan. Every text is synthesised before the first call. `on_call` is told each finished call.

    Raises: VoiceUnavailable: a text has no clip yet and the speech server is away.
    """
    clips = await voice.clips_for(plan.personas)
    loop, tally, begun = asyncio.get_running_loop(), _Tally(), 0
    started_at, start = iso(utc_now()), loop.time()

    def may_start() -> bool:
        return begun < plan.total and (plan.for_s is None or loop.time() - start < plan.for_s)

    async def one_call(number: int) -> CallReport:
        persona = plan.personas[number % len(plan.personas)]
        # One number a call, so that a call is found in the logs of the other side.
        options = replace(plan.options, caller=f"+1555{number:07d}", seed=number)
        target = plan.targets[number % len(plan.targets)]
        call = PhoneCall(target, persona, clips[persona.name], options=options, voice=voice)
        tally.running += 1
        tally.most = max(tally.most, tally.running)
        try:
            report = await call.run()
        finally:
            tally.running -= 1
        tally.intervals_ms += call.arrivals.intervals_ms
        tally.offsets_ms += call.arrivals.offsets_ms
        report.moments = []
        tally.reports.append(report)
        if on_call:
            on_call(report)
        return report

    async def line(index: int) -> None:
        nonlocal begun
        await asyncio.sleep(plan.ramp_s * index / plan.lines)
        while may_start():
            begun += 1
            report = await one_call(begun - 1)
            if report.outcome in ("refused", "failed") and may_start():
                await asyncio.sleep(RETRY_PAUSE_S)

    await asyncio.gather(*(line(index) for index in range(plan.lines)))
    return tally.report(plan, started_at, loop.time() - start)


def _counted(values: Iterable[str]) -> dict[str, int]:
    return dict(Counter(values).most_common())
