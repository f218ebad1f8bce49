"""The page of one call: waveform with turns, latency bars, pacing, transcript."""

from html import escape

import numpy as np

from voxphone import measure, pcm
from voxphone.pages import charts
from voxphone.pages.shell import facts, page, section, table
from voxphone.report import CallReport, Spread

VOICE_TO_VOICE_GOAL_MS = 1200


def spread_row(name: str, spread: Spread | None) -> list[object]:
    """A table row for a distribution."""
    if spread is None:
        return [name, 0, "-", "-", "-", "-", "-"]
    return [name, spread.count, spread.mean, spread.p50, spread.p95, spread.p99, spread.max]


def call_page(report: CallReport, tracks: tuple[pcm.Samples, pcm.Samples] | None = None) -> str:
    """HTML of a call. `tracks`: (heard, said) samples of the recording; without them there is no waveform."""
    latencies = report.latencies_ms
    body = [
        facts(
            [
                ("outcome", report.outcome, "good" if report.outcome == "completed" else "bad"),
                ("ended by", report.ended_by, ""),
                ("length", f"{report.duration_s:.1f} s", ""),
                ("median latency", f"{measure.percentile(latencies, 0.5)} ms" if latencies else "-", ""),
                ("first word", "-" if report.first_word_ms is None else f"{report.first_word_ms:.0f} ms", ""),
                ("protocol errors", len(report.protocol_errors), "bad" if report.protocol_errors else "good"),
            ]
        )
    ]
    if report.refusal:
        answer = f"HTTP {report.refusal.status} after {report.refusal.after_ms:.0f} ms"
        body.append(section("Refused", f"<p>{escape(answer)}</p><pre>{escape(report.refusal.body)}</pre>"))
    elif report.outcome == "failed":
        body.append(section("Failed", f"<p>{escape(report.reason)}</p>"))
    if tracks:
        body.append(_waveform(report, tracks))
    if report.turns:
        rows = [(f"{turn.index}. {turn.said}", turn.latency_ms) for turn in report.turns]
        body.append(
            section(
                "Latency of each turn",
                charts.bars(
                    [(n, None if v is None else float(v)) for n, v in rows], "ms", VOICE_TO_VOICE_GOAL_MS, "goal, p95"
                ),
                "From the caller's last sound to the bot's first, as heard: frame and jitter buffer included.",
            )
        )
    if report.bot or report.turns:
        body.append(section("Transcript", _transcript(report)))
    if report.pacing.chunks:
        body.append(_pacing(report))
    body += _details(report)
    title = f"Call of {report.persona} with {report.url.rsplit('/', 1)[-1]}"
    where = f"{report.url} · {report.protocol} · {report.direction} · {report.started_at} · {report.call_id}"
    return page(title, where, body)


def _waveform(report: CallReport, tracks: tuple[pcm.Samples, pcm.Samples]) -> str:
    spans = []
    for turn in report.turns:
        spans.append(charts.Span(turn.started_s, turn.ended_s, "turn", title=f"{turn.index}. {turn.said}"))
        if turn.latency_ms is not None and turn.reply_started_s is not None:
            label = f"{turn.latency_ms} ms"
            spans.append(
                charts.Span(turn.ended_s, turn.reply_started_s, "wait", label, f"latency {turn.latency_ms} ms")
            )
    marks = [
        charts.Span(item.at_s + (item.stop_frame_ms or 0) / 1000, 0, "stop", title=f"stopped by {item.said!r}")
        for item in report.barge_ins
        if item.stopped
    ]
    heard, said = (np.asarray(track) for track in tracks)
    drawing = charts.waveform(heard, said, report.duration_s, spans, marks)
    return section(
        "What the phone heard and said",
        drawing,
        "Violet: the wait for the answer. Shaded: the caller's turns. Dashed: the caller stopped the bot.",
    )


def _transcript(report: CallReport) -> str:
    rows = [
        f'<tr><td>{at:.1f} s</td><td class="words who-{who}">{who}</td><td class="words">{escape(words)}</td></tr>'
        for at, who, words in report.transcript()
    ]
    return f"<table><tbody>{''.join(rows)}</tbody></table>"


def _pacing(report: CallReport) -> str:
    pacing = report.pacing
    drawing = ""
    if any(pacing.offset_histogram):
        drawing = charts.histogram(
            pacing.offset_histogram, charts.offset_labels(measure.HISTOGRAM_REACH_MS), "ms early or late"
        )
    rows = [spread_row("interval, ms", pacing.interval_ms), spread_row("off its time, ms", pacing.deviation_ms)]
    numbers = table(["", "chunks", "mean", "p50", "p95", "p99", "max"], rows)
    return section(
        "Pacing of the bot's audio",
        drawing + numbers,
        f"At most {pacing.lead_max_ms:.0f} ms ahead of the clock. The phone's own clock was late by "
        f"{report.clock.lag_p99_ms:.1f} ms at p99 and {report.clock.lag_max_ms:.1f} ms at most.",
    )


def _details(report: CallReport) -> list[str]:
    parts = []
    if report.barge_ins:
        rows = [
            [b.said, f"{b.at_s:.2f}", "yes" if b.stopped else "no", b.stop_frame_ms or "-", b.silent_ms or "-"]
            for b in report.barge_ins
        ]
        parts.append(
            section("Spoken over the bot", table(["words", "at s", "stopped", "stop frame ms", "silent ms"], rows))
        )
    if report.transfers:
        rows = [[t.to, f"{t.at_s:.2f}", t.reason, t.answer] for t in report.transfers]
        parts.append(section("Transfers", table(["to", "at s", "reason", "answer"], rows, words=(2, 3))))
    if report.expectations:
        verdicts = {True: "ok", False: "not heard", None: "not judged"}
        rows = [[e.heard, verdicts[e.passed], e.against] for e in report.expectations]
        parts.append(section("Expectations", table(["pattern", "verdict", "heard"], rows, words=(1, 2))))
    if report.protocol_errors:
        rows = [[e.rule, e.count, e.example] for e in report.protocol_errors]
        parts.append(
            section("Broken rules of the protocol", table(["rule", "times", "first example"], rows, words=(2,)))
        )
    notes = [*report.notes, *([report.transcription_error] if report.transcription_error else [])]
    if notes:
        parts.append(section("Notes", "".join(f"<p>{escape(note)}</p>" for note in notes)))
    return parts
