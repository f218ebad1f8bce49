"""`vox plan`, `vox deploy`, `vox rollback`, `vox status`: releases on the hosts of the inventory, while calls run."""

from __future__ import annotations

import asyncio
import re
import sys
from typing import Annotated

from cyclopts import Parameter

from voxctl.commands.options import DEPLOY_YML, Env, InventoryFile, Json, Why
from voxctl.deploy import observe, preflight
from voxctl.deploy.outcome import Outcome
from voxctl.deploy.plan import EXIT_CHANGES, Plan, render
from voxctl.deploy.plan import plan as planned
from voxctl.deploy.run import Wanted
from voxctl.deploy.run import deploy as deployed
from voxctl.deploy.run import rollback as rolled_back
from voxctl.deploy.site import opened
from voxctl.deploy.status import Status, shown
from voxctl.deploy.view import View
from voxctl.hosts.inventory import load_inventory
from voxctl.images.facts import image_source
from voxctl.output import EXIT_DONE, EXIT_USAGE, CommandError, Output, escape
from voxctl.settings import VoxctlSettings

Yes = Annotated[bool, Parameter(negative=(), help="Do not ask.")]
Service = Annotated[str, Parameter(help="This service alone: voxcore, voxbridge, voxui, voxregistry, voxdialler.")]
OnHost = Annotated[str, Parameter(name="--host", help="This host alone.")]
SERVICES = ("voxcore", "voxbridge", "voxui", "voxregistry", "voxdialler")


def plan(
    tag: str,
    /,
    *,
    inventory: InventoryFile = DEPLOY_YML,
    env: Env = "",
    service: Service = "",
    host: OnHost = "",
    json: Json = False,
) -> int:
    """Say what a deploy would do, and change nothing. Ends with 0 when nothing would change, else with 10.

    Parameters
    ----------
    tag
        Release, like 2026.02.05-2.
    """
    output = Output(as_json=json)
    _known(service)

    async def main() -> Plan:
        found = load_inventory(inventory, env)
        async with opened(found, VoxctlSettings.load()) as site, image_source(found.registry) as source:
            release = await preflight.resolved(found, source, tag)
            return planned(await observe.seen(site), release, service=service, host=host)

    result = asyncio.run(main())
    _print(output, result)
    return EXIT_CHANGES if result.changes else EXIT_DONE


def deploy(
    tag: str = "",
    /,
    *,
    inventory: InventoryFile = DEPLOY_YML,
    env: Env = "",
    service: Service = "",
    host: OnHost = "",
    detach: Annotated[bool, Parameter(negative=(), help="Leave when only seats with calls are left (exit 5).")] = False,
    resume: Annotated[bool, Parameter(negative=(), help="Go on with the deploy that was interrupted.")] = False,
    force_after: Annotated[str, Parameter(help="CUT calls that still run this long after the start: 40m, 2h.")] = "",
    allow_bad: Annotated[bool, Parameter(negative=(), help="Also a release that was found bad before.")] = False,
    dry_run: Annotated[bool, Parameter(negative=(), help="As vox plan.")] = False,
    why: Why = "",
    yes: Yes = False,
    json: Json = False,
) -> int:
    """Bring a release onto the hosts while calls run: seat by seat, and back by itself when one goes bad.

    Ends with 0 done, 1 usage, 2 not begun, 3 locked, 4 stopped and reverted, 5 done but for seats with calls
    (--detach), 6 a human is needed, 130 interrupted.

    Parameters
    ----------
    tag
        Release, like 2026.02.05-2; left out with --resume.
    """
    if bool(tag) == resume:
        raise CommandError("name a release, or give --resume: not both", exit_code=EXIT_USAGE)
    if dry_run:
        return plan(tag, inventory=inventory, env=env, service=service, host=host, json=json)
    _known(service)
    output = Output(as_json=json)
    view = View(output)
    wanted = Wanted(
        tag=tag,
        service=service,
        host=host,
        why=why,
        detach=detach,
        resume=resume,
        allow_bad=allow_bad,
        force_after=_seconds(force_after),
        confirm=lambda found: _confirmed(output, found, yes),
    )

    async def main() -> Outcome:
        found = load_inventory(inventory, env)
        async with (
            opened(found, VoxctlSettings.load(), tell=view.say, canary=True) as site,
            image_source(found.registry) as source,
        ):
            return await deployed(site, source, wanted, view)

    return _ended(output, asyncio.run(main()))


def rollback(
    *,
    to: Annotated[str, Parameter(help="One of the last 20 releases; else the last good one.")] = "",
    bad: Annotated[
        bool, Parameter(negative=(), help="The present release harms callers: no new call on it once another is there.")
    ] = False,
    now: Annotated[bool, Parameter(negative=(), help="As --bad, and even before another is there.")] = False,
    inventory: InventoryFile = DEPLOY_YML,
    env: Env = "",
    why: Why = "",
    yes: Yes = False,
    json: Json = False,
) -> int:
    """Go back to a release that has proved good, seat by seat. The first one is there in seconds; no call is cut.

    With --bad or --now, or when the present release was found bad before, all of its seats are closed at once: callers
    who do not wait may be refused until the others are back. It is not deployed again without --allow-bad.
    """
    output = Output(as_json=json)
    view = View(output)
    wanted = Wanted(tag=to, why=why, bad=bad, now=now, confirm=lambda found: _confirmed(output, found, yes))

    async def main() -> Outcome:
        found = load_inventory(inventory, env)
        async with opened(found, VoxctlSettings.load(), tell=view.say, all_there=False) as site:
            return await rolled_back(site, wanted, view)

    return _ended(output, asyncio.run(main()))


def status(*, inventory: InventoryFile = DEPLOY_YML, env: Env = "", json: Json = False) -> int:
    """Who runs what: seats with state, call and ETA, services, the lock and the deploy in force."""
    output = Output(as_json=json)

    async def main() -> Status:
        async with opened(load_inventory(inventory, env), VoxctlSettings.load(), all_there=False) as site:
            return await Status.taken(site)

    found = asyncio.run(main())
    output.emit("status", shown(found), **found.as_json())
    return EXIT_DONE


def _print(output: Output, found: Plan) -> None:
    hosts = [{"host": host.name, "seats": host.seats and host.seats.__dict__} for host in found.hosts]
    text = escape(render(found).rstrip())
    output.emit("plan", text, tag=found.target.tag, changes=found.changes, hosts=hosts, warnings=found.warnings)


def _confirmed(output: Output, found: Plan, yes: bool) -> bool:
    _print(output, found)
    if yes:
        return True
    if output.as_json or not sys.stdin.isatty():
        raise CommandError("nobody can be asked here: give --yes", exit_code=EXIT_USAGE)
    return output.console.input("go on? [y/N] ").strip().lower() in ("y", "yes")


def _ended(output: Output, outcome: Outcome) -> int:
    words = {
        "done": "[green]done[/]",
        "later": "done but for seats that carry calls",
        "reverted": "[bold red]stopped and reverted[/]",
        "human": "[bold red]stopped, a human is needed[/]",
        "stopped": "stopped",
    }
    reason = f": {escape(outcome.reason)}" if outcome.reason else ""
    left = f"\nleft: {', '.join(outcome.left)}" if outcome.left else ""
    whose = {"host": "the host's trouble", "hook": "a hook's no"}.get(outcome.fault, "")
    free = f"\n{whose} says nothing of the release: it is not marked as bad, deploy it again" if whose else ""
    text = f"{words[outcome.ending]}{reason}{left}{free}"
    facts = {"ending": outcome.ending, "reason": outcome.reason, "left": outcome.left, "fault": outcome.fault}
    output.emit("deploy.ended", text, **facts)
    return outcome.exit_code


def _known(service: str) -> None:
    if service and service not in SERVICES:
        raise CommandError(f"{service} is no service of a release: {', '.join(SERVICES)}", exit_code=EXIT_USAGE)


def _seconds(text: str) -> float | None:
    if not text:
        return None
    found = re.fullmatch(r"(\d+)([smh])", text)
    if found is None:
        raise CommandError(f"--force-after {text} is no time: 90s, 40m, 2h", exit_code=EXIT_USAGE)
    return int(found[1]) * {"s": 1.0, "m": 60.0, "h": 3600.0}[found[2]]
