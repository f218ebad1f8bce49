"""`python -m voxphone`: one call, a load run, the personas. Exit status 0 good, 1 the call was not, 2 cannot start."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, Parameter
from voxkit.errors import ConfigurationError

from voxphone.errors import PhoneError
from voxphone.load import LoadPlan, LoadReport, run_load
from voxphone.pages import write_page
from voxphone.persona import builtin_names, load_persona
from voxphone.phone import place_call
from voxphone.report import CallReport, Moment
from voxphone.settings import PhoneSettings
from voxphone.target import CallOptions, CallTarget
from voxphone.text import call_text, load_text
from voxphone.voice import Voice

app = App(name="voxphone", help="Simulated telephone: calls bots as a persona and measures them.")
Url = Annotated[str, Parameter(help="Address of a worker or balancer, or a complete media socket (ws://.../ws/bot).")]
Bot = Annotated[str, Parameter(help="Bot id; not needed when the address is a complete media socket.")]
Protocol = Annotated[Literal["vox", "exotel"], Parameter(help="Media protocol.")]
Token = Annotated[
    str | None,
    Parameter(help="Media token, sent as query; better from the environment.", env_var="VOXPHONE_MEDIA_TOKEN"),
]
OutDir = Annotated[Path | None, Parameter(help="Folder for report.json, report.html and recording.wav.")]


def _target(url: str, bot: str, protocol: Literal["vox", "exotel"], token: str | None, fence: str | None) -> CallTarget:
    path = url.split("?", 1)[0].split("://", 1)[-1]
    if "/ws/" in path or "/exotel/" in path:
        return CallTarget(url, "exotel" if "/exotel/" in path else "vox", {"X-Vox-Media-Token": token} if token else {})
    return CallTarget.for_bot(url, bot, protocol=protocol, media_token=token, fence=fence)


def _progress(moment: Moment) -> None:
    shown = {"caller_says": "caller", "bot_said": "bot"}.get(moment.kind, moment.kind)
    if moment.kind not in ("first_word", "caption"):
        print(f"{moment.at_s:7.2f} s  {shown:<10} {moment.text}", file=sys.stderr, flush=True)


@app.command
def call(
    url: Url = "http://127.0.0.1:8001",
    bot: Bot = "demo",
    *,
    persona: Annotated[str, Parameter(help="Built-in persona or a persona file.")] = "friendly",
    protocol: Protocol = "vox",
    token: Token = None,
    fence: Annotated[str | None, Parameter(help="Fence token of a reservation.")] = None,
    caller: str = "+15550100",
    did: str = "+15550199",
    outgoing: Annotated[bool, Parameter(help="Call as a callee of the bot: rings, then answers.")] = False,
    answer_after: Annotated[float, Parameter(help="Seconds between start and answer.")] = 0.0,
    max_seconds: Annotated[float | None, Parameter(help="Hang up after this time.")] = None,
    transcribe: Annotated[
        Literal["live", "after", "off"], Parameter(help="When bot speech is turned into text.")
    ] = "live",
    out: OutDir = None,
) -> int:
    """Make one call and print what happened, with a latency table."""
    who = load_persona(persona)
    options = CallOptions(
        caller=caller,
        did=did,
        direction="outgoing" if outgoing else "incoming",
        answer_after_s=answer_after,
        max_call_s=max_seconds,
        transcribe=transcribe,
        recording=out / "recording.wav" if out else None,
    )
    report = asyncio.run(
        place_call(_target(url, bot, protocol, token, fence), who, options=options, on_event=_progress)
    )
    print(call_text(report))
    _write(report, out)
    return 0 if report.ok else 1


@app.command
def load(
    url: Annotated[list[str], Parameter(help="Addresses, taken in turn.")],
    bot: Annotated[str, Parameter(name="--bot", help="Bot id.")] = "demo",
    *,
    persona: Annotated[list[str], Parameter(help="Personas, taken in turn.")] | None = None,
    protocol: Protocol = "vox",
    token: Token = None,
    lines: Annotated[int, Parameter(help="Calls at once.")] = 10,
    ramp: Annotated[float, Parameter(help="Seconds over which the lines start.")] = 5.0,
    calls: Annotated[
        int | None, Parameter(help="Calls in all; one a line when neither this nor --seconds is given.")
    ] = None,
    seconds: Annotated[float | None, Parameter(help="Start no call after this time.")] = None,
    max_call_seconds: Annotated[float | None, Parameter(help="Hang up each call after this time.")] = None,
    out: OutDir = None,
) -> int:
    """Make many calls at once and print counts and percentiles."""

    async def run() -> int:
        voice = Voice.from_settings(PhoneSettings.load())
        try:
            plan = LoadPlan(
                targets=[_target(one, bot, protocol, token, None) for one in url],
                personas=[load_persona(name) for name in persona or ["friendly"]],
                lines=lines,
                ramp_s=ramp,
                calls=calls,
                for_s=seconds,
                options=CallOptions(transcribe="off", max_call_s=max_call_seconds),
            )

            def told(report: CallReport) -> None:
                print(
                    f"{report.caller} {report.persona}: {report.outcome} {report.ended_by} {report.reason}",
                    file=sys.stderr,
                )

            report = await run_load(plan, voice=voice, on_call=told)
        finally:
            await voice.close()
        print(load_text(report))
        _write(report, out)
        return 0 if report.ok else 1

    return asyncio.run(run())


@app.command
def personas(files: Annotated[list[Path] | None, Parameter(help="Persona files to check.")] = None) -> int:
    """List the built-in personas, or check persona files."""
    if not files:
        for name in builtin_names():
            print(f"{name:<18} {load_persona(name).about}")
        return 0
    bad = 0
    for file in files:
        try:
            print(f"{file}: good, {len(load_persona(file).steps)} steps")
        except PhoneError as exc:
            print(exc, file=sys.stderr)
            bad += 1
    return 1 if bad else 0


def _write(report: CallReport | LoadReport, out: Path | None) -> None:
    if out is None:
        return
    out.mkdir(parents=True, exist_ok=True)
    (out / "report.json").write_text(report.model_dump_json(indent=2), "utf-8")
    write_page(out / "report.html", report)
    print(f"report: {out / 'report.html'}", file=sys.stderr)


def main() -> None:
    """Entry of `python -m voxphone`."""
    try:
        code = app(sys.argv[1:])
    except (PhoneError, ConfigurationError) as exc:
        print(f"voxphone: {exc}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
    sys.exit(code if isinstance(code, int) else 0)
