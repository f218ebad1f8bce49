"""Reports for the terminal."""

from collections.abc import Sequence

from voxphone.load import LoadReport
from voxphone.report import CallReport, ProtocolError, Spread


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Columns as wide as their widest cell; the first is left-aligned, the others right."""
    cells = [[str(cell) for cell in row] for row in (head, *rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]

    def line(row: Sequence[str]) -> str:
        first, rest = (
            row[0].ljust(widths[0]),
            (cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)),
        )
        return "  ".join((first, *rest)).rstrip()

    return "\n".join([line(cells[0]), line(["-" * width for width in widths]), *map(line, cells[1:])])


def _spread_row(name: str, spread: Spread | None) -> list[object]:
    if spread is None:
        return [name, 0, "-", "-", "-", "-", "-"]
    return [
        name,
        spread.count,
        *(f"{value:.0f}" for value in (spread.mean, spread.p50, spread.p95, spread.p99, spread.max)),
    ]


def _errors(errors: Sequence[ProtocolError]) -> list[str]:
    if not errors:
        return ["protocol errors: none"]
    return ["protocol errors:"] + [f"  {e.count} x not kept: {e.rule} ({e.example})" for e in errors]


def call_text(report: CallReport) -> str:
    """One call: outcome, transcript, latency table, pacing, faults."""
    lines = [f"{report.persona} -> {report.url} ({report.protocol}): {report.outcome}"]
    if report.outcome == "refused" and report.refusal:
        lines.append(
            f"  HTTP {report.refusal.status} after {report.refusal.after_ms:.0f} ms: {report.refusal.body[:200]}"
        )
    else:
        lines.append(
            f"  ended by {report.ended_by} after {report.duration_s:.1f} s"
            + (f": {report.reason}" * bool(report.reason))
        )
    if report.outcome in ("refused", "failed"):
        return "\n".join(lines)
    lines += ["", *(f"  {at:6.1f} s  {who:<6}  {words}" for at, who, words in report.transcript()), ""]
    if report.turns:
        rows = [
            [
                f"{turn.index} {turn.said[:44]}",
                f"{turn.started_s:.2f}",
                f"{turn.ended_s - turn.started_s:.2f}",
                "-" if turn.latency_ms is None else turn.latency_ms,
                "-" if turn.wire_latency_ms is None else f"{turn.wire_latency_ms:.0f}",
            ]
            for turn in report.turns
        ]
        lines += [table(["turn", "at s", "long s", "latency ms", "on the wire ms"], rows), ""]
    for barge_in in report.barge_ins:
        reaction = f"stopped after {barge_in.stop_frame_ms:.0f} ms" if barge_in.stopped else "the bot went on"
        lines.append(f"over the bot at {barge_in.at_s:.1f} s: {barge_in.said!r}: {reaction}")
    for transfer in report.transfers:
        lines.append(f"transfer to {transfer.to} at {transfer.at_s:.1f} s: {transfer.answer}")
    if report.dtmf:
        lines.append(f"keys: {report.dtmf}")
    first = "-" if report.first_word_ms is None else f"{report.first_word_ms:.0f} ms"
    lines.append(f"first word {first}; {report.pacing.chunks} chunks, {report.pacing.audio_s:.1f} s of bot audio")
    rows = [
        _spread_row("chunk interval ms", report.pacing.interval_ms),
        _spread_row("off its time ms", report.pacing.deviation_ms),
    ]
    lines += [table(["", "n", "mean", "p50", "p95", "p99", "max"], rows)]
    lines.append(
        f"ahead by up to {report.pacing.lead_max_ms:.0f} ms; own clock late by {report.clock.lag_max_ms:.1f} ms at most"
    )
    for expectation in report.expectations:
        verdict = {True: "ok", False: "NOT HEARD", None: "not judged"}[expectation.passed]
        lines.append(f"expect /{expectation.heard}/: {verdict} in {expectation.against!r}")
    lines += [f"note: {note}" for note in report.notes]
    if report.transcription_error:
        lines.append(f"transcription: {report.transcription_error}")
    return "\n".join(lines + _errors(report.protocol_errors))


def load_text(report: LoadReport) -> str:
    """Many calls: counts, then one table of latencies."""

    def counts(values: dict[str, int]) -> str:
        return ", ".join(f"{count} x {name}" for name, count in values.items()) or "none"

    rows = [
        _spread_row("turn latency ms", report.latency_ms),
        _spread_row("  on the wire ms", report.wire_latency_ms),
        _spread_row("answer to first word ms", report.first_word_ms),
        _spread_row("barge-in to stop ms", report.barge_in_stop_ms),
        _spread_row("connect ms", report.connect_ms),
        _spread_row("refusal ms", report.refusal_ms),
        _spread_row("chunk interval ms", report.interval_ms),
        _spread_row("off its time ms", report.deviation_ms),
    ]
    lines = [
        f"{report.placed} calls on {report.lines} lines in {report.wall_s:.1f} s, {report.most_at_once} at once",
        f"admitted {report.admitted}, refused {counts(report.refused)}, failed {counts(report.failed)}",
        f"ended by {counts(report.ended_by)}; dropped {report.dropped}, without a word {report.silent}",
        "",
        table(["", "n", "mean", "p50", "p95", "p99", "max"], rows),
        "",
        f"{report.call_seconds:.0f} s of calls; own clock late by {report.clock_lag_max_ms:.1f} ms at most",
    ]
    return "\n".join(lines + _errors(report.protocol_errors))
