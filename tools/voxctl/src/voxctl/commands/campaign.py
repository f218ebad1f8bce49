"""`vox campaign`: lists of people that a bot calls, from the first file to the report."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import App, Parameter, validators

from voxctl.api import Bridge, api_url, credentials
from voxctl.campaign.config import config_of, window_of
from voxctl.campaign.demo import show_demo
from voxctl.campaign.find import explained, find_campaign
from voxctl.campaign.views import OVER, listed, shown
from voxctl.campaign.watching import watched
from voxctl.commands.options import Json
from voxctl.output import EXIT_DONE, CommandError, Output, escape
from voxctl.settings import VoxctlSettings

UPLOAD_WITHIN_S = 300
SAMPLES_SHOWN = 5
Document = dict[str, Any]

campaign = App(name="campaign", help="Lists of people that a bot calls: make, load, start, watch, report.")
Flag = Annotated[bool, Parameter(negative=())]
Whole = Annotated[int | None, Parameter(validator=validators.Number(gte=1))]


def _run(json: bool, work: Callable[[Bridge, Output], Awaitable[int]]) -> int:
    settings, output = VoxctlSettings.load(), Output(as_json=json)

    async def logged_in() -> int:
        async with Bridge(api_url(settings), *credentials(settings)) as bridge:
            return await work(bridge, output)

    return asyncio.run(logged_in())


@campaign.command
def create(
    name: str,
    /,
    *,
    bot: str,
    numbers: Annotated[str, Parameter(name="--from")] = "",
    contacts: Path | None = None,
    config: Path | None = None,
    window: str | None = None,
    timezone: str | None = None,
    mode: Literal["single_day", "multi_day"] | None = None,
    pacing: Literal["reserved", "predictive"] | None = None,
    concurrency: Whole = None,
    attempts: Whole = None,
    retry_minutes: Whole = None,
    amd: bool | None = None,
    callbacks: bool | None = None,
    json: Json = False,
) -> int:
    """Make a campaign. It calls nobody before `vox campaign start`.

    Parameters
    ----------
    name
        How it is called from now on.
    bot
        Id of the bot that talks.
    numbers
        Our numbers that people see, with commas.
    contacts
        CSV file with a column phone_number; the other columns are variables of the bot.
    config
        YAML file with the configuration; options win over it.
    window
        When it may dial, as 09:00-18:00.
    timezone
        Of that window, as Asia/Kolkata.
    mode
        single_day ends with its window, multi_day goes on the next day.
    pacing
        How it spends seats.
    concurrency
        Conversations at a time at most.
    attempts
        How often one person is tried at most.
    retry_minutes
        Pause between two tries of one person.
    amd
        Hang up on answering machines, or not; absent: as the deployment does.
    callbacks
        Call people back at the time they ask for.
    """
    given = {
        "campaign_mode": mode,
        "pacing_mode": pacing,
        "concurrency_limit": concurrency,
        "time_window": {**(window_of(window) if window else {}), "timezone": timezone},
        "redial_rules": {"max_attempts": attempts, "retry_delay_minutes": retry_minutes},
        "amd": {"enabled": amd},
        "callback_detection": {"enabled": callbacks},
    }
    pool = [number.strip() for number in numbers.split(",") if number.strip()]
    body = {"name": name, "bot_id": bot, "number_pool": pool, "config": config_of(config, given)}

    async def work(bridge: Bridge, output: Output) -> int:
        if not pool:
            raise CommandError(f"which number do people see? --from NUMBER{await _known_numbers(bridge)}")
        made = await bridge.post("/campaigns", body)
        text = f"{escape(made['name'])} is made: {made['campaign_id']}, a draft with {len(pool)} number(s)"
        output.emit("campaign.created", text, **made)
        for warning in made["warnings"]:
            output.emit("campaign.warning", f"[yellow]warning: {escape(warning)}[/]", warning=warning)
        if contacts:
            await _load(bridge, made, contacts, output)
            output.emit("hint", f"Start it: vox campaign start {made['campaign_id']}")
        else:
            output.emit("hint", f"Load people: vox campaign upload {made['campaign_id']} FILE.csv")
        return EXIT_DONE

    return _run(json, work)


async def _known_numbers(bridge: Bridge) -> str:
    carriers = (await bridge.get("/carriers", limit="100"))["items"]
    known = [did["number"] for each in carriers for did in each["dids"] if did["direction"] != "inbound"]
    return f" (carriers have {', '.join(known[:10])})" if known else "; no carrier has one yet: add a carrier first"


@campaign.command(name="list")
def list_all(*, json: Json = False) -> int:
    """List the campaigns, the newest first."""

    async def work(bridge: Bridge, output: Output) -> int:
        found = await bridge.get("/campaigns", limit="100")
        items: list[Document] = found["items"]
        if output.as_json:
            for each in items:
                output.emit("campaign", **each)
        elif items:
            output.emit("campaigns", listed(items))
            if found["total"] > len(items):
                output.emit("campaigns.more", f"[dim]and {found['total'] - len(items)} older ones[/]")
        else:
            output.emit("campaigns", "no campaign yet: vox campaign create NAME --bot BOT --from NUMBER")
        return EXIT_DONE

    return _run(json, work)


@campaign.command
def upload(which: str, file: Path, /, *, json: Json = False) -> int:
    """Load people from a CSV file in place of those that are there; a file with a fault in its form changes nothing.

    Parameters
    ----------
    which
        Name or id of the campaign.
    file
        Needs a column phone_number; the other columns are variables of the bot.
    """

    async def work(bridge: Bridge, output: Output) -> int:
        await _load(bridge, await find_campaign(bridge, which), file, output)
        return EXIT_DONE

    return _run(json, work)


async def _load(bridge: Bridge, into: Document, file: Path, output: Output) -> None:
    with explained(into["name"]):
        report = await bridge.upload(f"/campaigns/{into['campaign_id']}/upload", file, UPLOAD_WITHIN_S)
    dropped = {name: report[name] for name in ("invalid", "duplicates", "suppressed", "over_limit") if report[name]}
    but = (
        f"; of {report['total_rows']} rows " + ", ".join(f"{n} {name}" for name, n in dropped.items())
        if dropped
        else ""
    )
    output.emit("contacts.loaded", f"{report['inserted']} people will be called{but}", **report)
    for fault in report["sample_errors"][:SAMPLES_SHOWN]:
        line = f"  row {fault['row']}: {fault['phone_number']} {fault['reason']}"
        output.emit("contacts.rejected", f"[dim]{escape(line)}[/]", **fault)
    if len(report["sample_errors"]) > SAMPLES_SHOWN or report["invalid"] > len(report["sample_errors"]):
        output.emit("hint", f"All of them: vox campaign report {into['campaign_id']} --rejected FILE.csv")


@campaign.command
def start(
    which: str,
    /,
    *,
    again: Flag = False,
    unfinished: Flag = False,
    watch: Flag = False,
    json: Json = False,
) -> int:
    """Let it dial: a draft, or one that is paused.

    Parameters
    ----------
    which
        Name or id of the campaign.
    again
        One that has ended calls all its people once more.
    unfinished
        One that has ended calls those who were not reached.
    watch
        Show it until it is over.
    """

    async def work(bridge: Bridge, output: Output) -> int:
        found = await find_campaign(bridge, which)
        path, name = f"/campaigns/{found['campaign_id']}", found["name"]
        with explained(name):
            if found["status"] in OVER:
                if not (again or unfinished):
                    raise CommandError(f"{name} has ended: add --again to call everybody, or --unfinished")
                await bridge.post(f"{path}/restart", {"scope": "all" if again else "unfinished"})
            started = await bridge.post(f"{path}/{'resume' if found['status'] == 'paused' else 'start'}")
        output.emit("campaign.started", f"[green]{escape(name)} is running[/]", **started)
        if watch:
            return await watched(bridge, started, output)
        output.emit("hint", f"Watch it: vox campaign watch {found['campaign_id']}")
        return EXIT_DONE

    return _leaving(watch, lambda: _run(json, work))


@campaign.command
def pause(which: str, /, *, json: Json = False) -> int:
    """No new dial; live calls go on. `vox campaign start` goes on with it."""
    return _moved(which, "pause", "is paused; live calls go on. Go on: vox campaign start", json)


@campaign.command
def stop(which: str, /, *, json: Json = False) -> int:
    """End it: nobody who waits is called any more, live calls go on."""
    return _moved(which, "stop", "is stopped; live calls go on. See: vox campaign report", json)


def _moved(which: str, move: str, said: str, json: bool) -> int:
    async def work(bridge: Bridge, output: Output) -> int:
        found = await find_campaign(bridge, which)
        with explained(found["name"]):
            after = await bridge.post(f"/campaigns/{found['campaign_id']}/{move}")
        output.emit(f"campaign.{move}", f"{escape(found['name'])} {said} {found['campaign_id']}", **after)
        return EXIT_DONE

    return _run(json, work)


@campaign.command
def watch(which: str, /, *, json: Json = False) -> int:
    """Show how far it is, each second until it is over or Ctrl-C; leaving does not stop it.

    Exit codes: 0 over or left; 1 it has failed.

    Parameters
    ----------
    which
        Name or id of the campaign.
    """

    async def work(bridge: Bridge, output: Output) -> int:
        return await watched(bridge, await find_campaign(bridge, which), output)

    return _leaving(True, lambda: _run(json, work))


def _leaving(watching: bool, run: Callable[[], int]) -> int:
    """Ctrl-C is how one leaves a view, and no failure."""
    try:
        return run()
    except KeyboardInterrupt:
        if watching:
            return EXIT_DONE
        raise


@campaign.command
def report(which: str, /, *, csv: Path | None = None, rejected: Path | None = None, json: Json = False) -> int:
    """Show what has come of it.

    Parameters
    ----------
    which
        Name or id of the campaign.
    csv
        Write one row for each call that has ended into this file.
    rejected
        Write the rows of the last upload that were not taken into this file.
    """

    async def work(bridge: Bridge, output: Output) -> int:
        found = await find_campaign(bridge, which)
        path = f"/campaigns/{found['campaign_id']}"
        output.emit("campaign.report", shown(found), **found)
        for name, file in (("attempt-report.csv", csv), ("upload-report.csv", rejected)):
            if file:
                await _saved(bridge, f"{path}/{name}", file)
                output.emit("report.written", f"{name}: {file}", file=str(file))
        return EXIT_DONE

    return _run(json, work)


async def _saved(bridge: Bridge, path: str, file: Path) -> None:
    try:
        await bridge.download(path, file)
    except OSError as error:
        raise CommandError(f"cannot write {file} ({error.strerror})") from None


@campaign.command
def demo(*, start: Flag = False, json: Json = False) -> int:
    """Make the demo campaign unless it is there: six simulated people, called by the demo bot.

    Parameters
    ----------
    start
        Let it dial, again if it has ended, and show it until it is over.
    """

    async def work(bridge: Bridge, output: Output) -> int:
        return await show_demo(bridge, output, start=start)

    return _leaving(start, lambda: _run(json, work))
