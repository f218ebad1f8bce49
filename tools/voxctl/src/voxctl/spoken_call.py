"""One spoken call to a bot of a running stack, shown as it goes, and everything that is left of it afterwards."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from rich.table import Table
from voxphone.errors import PhoneError
from voxphone.persona import load_persona
from voxphone.phone import place_call
from voxphone.report import CallReport, Moment
from voxphone.target import CallOptions, CallTarget
from voxphone.voice import Voice

from voxctl.api import Bridge
from voxctl.live_transcript import LiveTranscript
from voxctl.output import CommandError, Output, escape
from voxctl.up.data import DataFolder

COLOURS = {"bot": "cyan", "caller": "yellow"}


@dataclass(frozen=True)
class SpokenCall:
    """Who calls which bot, and where what is left of the call is kept.

    `media_url` replaces scheme and host of the socket that voxbridge names, which is the one for browsers; empty: it
    is reached from here.
    """

    bot: str
    persona: str
    voice_url: str
    data: DataFolder
    media_url: str = ""

    def socket(self, named: str) -> str:
        if not self.media_url:
            return named
        base, path = urlsplit(self.media_url), urlsplit(named)
        return path._replace(scheme=base.scheme, netloc=base.netloc).geturl()


@dataclass(frozen=True)
class CallFiles:
    """What a call leaves in the data folder."""

    result: Path
    report: Path
    recording: Path | None


async def place_and_show(call: SpokenCall, bridge: Bridge, output: Output) -> bool:
    """Place the call, show it, and say whether it went well: held to its end, result and recording stored.

    Raises: CommandError: it could not be placed, or its result did not arrive.
    """
    try:
        report = await _talk(call, bridge, output)
    except PhoneError as error:
        raise CommandError(str(error)) from None
    if report.outcome != "completed":
        busy = report.refusal is not None and report.refusal.error == "at_capacity"
        hint = ": every worker has a call; wait, or start more with --workers" if busy else ""
        raise CommandError(f"the call was {report.outcome.replace('_', ' ')} ({report.reason}){hint}")
    record = await bridge.finished_call(report.stream_id)
    files = await _keep(call.data, bridge, record, report)
    _summarise(record, report, files, bridge, output)
    return record["status"] != "failed" and files.recording is not None


async def _talk(call: SpokenCall, bridge: Bridge, output: Output) -> CallReport:
    persona = load_persona(call.persona)
    voice = Voice(f"{call.voice_url}/v1", call.data.root / "voxphone-cache")
    try:
        # Made before the line is opened: a browser call holds its place only for a short time.
        clips = await voice.clips(persona.texts(), persona.voice)
        start = await bridge.post(f"/bots/{call.bot}/browser-call")
        who, whom = escape(persona.name), escape(call.bot)
        line = f"\n[bold]{who}[/] calls the bot [bold]{whom}[/] [dim](as heard at the phone)[/]"
        output.emit("call.placed", line, bot=call.bot, persona=persona.name)
        transcript = LiveTranscript(lambda at_s, who, text: _line(output, at_s, who, text))

        def on_event(moment: Moment) -> None:
            transcript.hear(moment)
            if moment.kind == "answered":
                output.emit("call.answered", "[dim]   0.0  answered[/]")

        report = await place_call(
            CallTarget(call.socket(start["ws_url"])),
            persona,
            options=CallOptions(transcribe="live", extra={"_context": start["context_id"]}),
            voice=voice,
            clips=clips,
            on_event=on_event,
        )
        transcript.flush()
    finally:
        await voice.close()
    if report.outcome == "completed":
        why = f" ({report.reason})" if report.reason not in ("", report.ended_by) else ""
        by = f"ended by {report.ended_by}{why}"
        output.emit(
            "call.ended",
            f"[dim]{report.duration_s:6.1f}  {escape(by)}[/]",
            ended_by=report.ended_by,
            reason=report.reason,
            duration_s=report.duration_s,
        )
    return report


def _line(output: Output, at_s: float, who: str, text: str) -> None:
    colour = COLOURS[who]
    output.emit(
        "call.line", f"[dim]{at_s:6.1f}[/]  [{colour}]{who:<6}[/]  {escape(text)}", at_s=at_s, who=who, text=text
    )


async def _keep(data: DataFolder, bridge: Bridge, record: dict[str, Any], report: CallReport) -> CallFiles:
    session_id = record["session_id"]
    folder = data.calls / session_id
    folder.mkdir(parents=True, exist_ok=True)
    result, told, recording = folder / "result.json", folder / "phone.json", folder / "recording.wav"
    result.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n")
    told.write_text(report.model_dump_json(indent=2) + "\n")
    if not record.get("recording_key"):
        return CallFiles(result, told, None)
    await bridge.download(f"/recordings/{session_id}", recording)
    return CallFiles(result, told, recording)


def _summarise(record: dict[str, Any], report: CallReport, files: CallFiles, bridge: Bridge, output: Output) -> None:
    url = f"{bridge.url}/calls/{record['session_id']}"
    output.emit(
        "call.result",
        session_id=record["session_id"],
        status=record["status"],
        disconnected_by=record.get("disconnected_by"),
        disposition=record.get("disposition"),
        sub_disposition=record.get("sub_disposition"),
        latency=record.get("latency"),
        heard_latency_ms=report.latencies_ms,
        recording=files.recording,
        result=files.result,
        url=url,
    )
    if output.as_json:
        return
    disposition = " / ".join(str(part) for part in (record.get("disposition"), record.get("sub_disposition")) if part)
    say = output.console.print
    say(f"\n  result       {record['status']}, ended by {record.get('disconnected_by')}")
    say(f"  disposition  {escape(disposition or 'none')}")
    say(latency_table(record, report))
    say(f"  recording    {files.recording or 'none'}")
    say(f"  record       {files.result}")
    say(f"  in the API   {url}")


def latency_table(record: dict[str, Any], report: CallReport) -> Table:
    """Milliseconds of each turn by stage, as the worker measured them, and as the phone heard them."""
    table = Table(title="Latency, milliseconds", title_justify="left", box=None, padding=(0, 2), title_style="bold")
    table.add_column("turn", justify="right")
    stages = ("stt", "turn", "tool", "llm", "tts", "total")
    for stage in stages:
        table.add_column(stage, justify="right")
    for sample in record.get("latency_samples") or []:
        table.add_row(str(sample.get("turn")), *(_ms(sample.get(f"{stage}_ms")) for stage in stages))
    summary = record.get("latency") or {}
    table.add_section()
    averages = (*(f"{stage}_avg_ms" for stage in stages[:-1]), "total_avg_response_ms")
    table.add_row("mean", *(_ms(summary.get(name)) for name in averages), style="bold")
    if report.latencies_ms:
        heard = ", ".join(str(value) for value in report.latencies_ms)
        table.caption = f"heard at the phone, from own last sound to the bot's first: {heard}"
        table.caption_justify = "left"
    return table


def _ms(value: float | None) -> str:
    return "" if value is None else f"{value:.0f}"
