"""`vox fleet`: the seats of a pool as the capacity registry knows them, and what operators tell it."""

from __future__ import annotations

import asyncio
import json as json_text
from collections.abc import AsyncIterator
from typing import Annotated, Any

from cyclopts import App, Parameter, validators
from pydantic import ValidationError
from rich.live import Live
from rich.text import Text
from voxkit.contracts.registry import CampaignQuota, ClientQuota, SeatState
from voxkit.registry import RegistryAway, RegistryClient

from voxctl.commands.options import Json
from voxctl.fleet.access import registry, who
from voxctl.fleet.draining import Progress, until_empty
from voxctl.fleet.selectors import drain_of, matches, selector_of
from voxctl.fleet.views import Picture, duration, headline, quota_table, seat_table, shown
from voxctl.output import EXIT_DONE, EXIT_FAILED, CommandError, Output, escape
from voxctl.settings import VoxctlSettings

EXIT_BUSY_SEATS = 5
INTERRUPTED = 130
LOOK_EVERY_S = 1.0

fleet = App(name="fleet", help="Seats, drains and quotas of the capacity registry.")
Pool = Annotated[str, Parameter(help="Pool of the registry.")]
Seats = Annotated[int | None, Parameter(validator=validators.Number(gte=0))]


@fleet.command
def status(
    *, watch: Annotated[bool, Parameter(negative=())] = False, pool: Pool = "default", json: Json = False
) -> int:
    """Show how full the pool is: every seat, who waits, drains and quotas.

    Parameters
    ----------
    watch
        Look every second until Ctrl-C.
    """
    output = Output(as_json=json)
    try:
        return asyncio.run(_status(VoxctlSettings.load(), watch, pool, output))
    except KeyboardInterrupt:
        if watch:
            return EXIT_DONE
        raise


async def _status(settings: VoxctlSettings, watch: bool, pool: str, output: Output) -> int:
    async with registry(settings, pool) as client:
        picture = await Picture.taken(client)
        if not watch or output.as_json or not output.console.is_terminal:
            output.emit("fleet.status", shown(picture), **picture.as_json())
        if not watch:
            return EXIT_DONE
        if output.as_json or not output.console.is_terminal:
            before = _without_clock(picture)
            async for now in _pictures(client):
                if now and (after := _without_clock(now)) != before:
                    before = after
                    output.emit("fleet.status", headline(now.fleet), **now.as_json())
        with Live(shown(picture), console=output.console, auto_refresh=False) as live:
            async for now in _pictures(client):
                if now:
                    live.update(shown(now), refresh=True)
                else:
                    live.update(Text("the registry gives no answer; asking again", style="yellow"), refresh=True)
    return EXIT_DONE


async def _pictures(client: RegistryClient) -> AsyncIterator[Picture | None]:
    """One each second; None while the registry is away."""
    while True:
        await asyncio.sleep(LOOK_EVERY_S)
        try:
            yield await Picture.taken(client)
        except RegistryAway:
            yield None


def _without_clock(picture: Picture) -> Any:
    """What of a picture is worth a new line: states and counts, not ages."""
    fleet = picture.fleet.model_dump(exclude={"now_ms", "longest_wait_ms"})
    return fleet, [seat.model_dump(exclude={"age_ms"}) for seat in picture.seats]


@fleet.command
def workers(
    *,
    host: str | None = None,
    tag: str | None = None,
    state: SeatState | None = None,
    client: str | None = None,
    pool: Pool = "default",
    json: Json = False,
) -> int:
    """List the seats, one row each.

    Parameters
    ----------
    host
        Only those of this host.
    tag
        Only those of this image tag.
    state
        Only those in this state.
    client
        Only those that carry a call of this client.
    """
    given = {"host_id": host, "image_tag": tag, "state": state, "client": client}
    filters = {name: value for name, value in given.items() if value is not None}
    return asyncio.run(_workers(VoxctlSettings.load(), filters, pool, Output(as_json=json)))


async def _workers(settings: VoxctlSettings, filters: dict[str, str], pool: str, output: Output) -> int:
    async with registry(settings, pool) as client:
        found, view = await asyncio.gather(client.seats(**filters), client.fleet())
    if output.as_json:
        for seat in found:
            output.emit("fleet.worker", **seat.model_dump())
    elif found:
        output.emit("fleet.workers", seat_table(found, view.now_ms))
    else:
        output.emit("fleet.workers", f"no such seat among {view.seats} of the pool {escape(pool)}")
    return EXIT_DONE


@fleet.command
def drain(
    what: str,
    /,
    *,
    reason: str = "",
    wait: Annotated[bool, Parameter(negative="--no-wait")] = True,
    timeout: Annotated[float | None, Parameter(validator=validators.Number(gt=0))] = None,
    pool: Pool = "default",
    json: Json = False,
) -> int:
    """Give these seats no new calls, and wait until the last call has ended by itself. Repeat it to wait on.

    Exit codes: 0 empty; 1 not done; 2 no registry; 5 the timeout is over and calls go on; 130 after Ctrl-C. In both
    last cases the drain stands.

    Parameters
    ----------
    what
        A seat, a host, an image tag or `all`; `worker:`, `host:` or `tag:` before a name that could mean several.
    reason
        Shown to whoever looks at the drain.
    wait
        With --no-wait return at once.
    timeout
        Wait so many seconds at most.
    """
    output = Output(as_json=json)
    standing: list[str] = []
    try:
        return asyncio.run(_drain(VoxctlSettings.load(), what, reason, wait, timeout, pool, output, standing))
    except KeyboardInterrupt:
        if standing:
            selector = standing[0]
            output.emit(
                "drain.left",
                f"The drain of {selector} stands; its calls go on. {_ways_out(selector, pool)}",
                selector=selector,
            )
        return INTERRUPTED


async def _drain(
    settings: VoxctlSettings,
    what: str,
    reason: str,
    wait: bool,
    timeout_s: float | None,
    pool: str,
    output: Output,
    standing: list[str],
) -> int:
    """`standing` learns the selector as soon as the drain may stand, so that an interruption can name it."""
    async with registry(settings, pool) as client:
        selector = selector_of(what, await client.seats())
        standing.append(selector)
        reply = await client.drain(selector, reason, who(settings))
        output.emit(
            "drain.set",
            f"{selector}: {_count(reply.seats)} {'gets' if reply.seats == 1 else 'get'} no new calls",
            selector=selector,
            seats=reply.seats,
        )
        if not wait:
            return EXIT_DONE
        verdict, last = await _watched(client, selector, timeout_s, output)
        lost = [seat.worker_id for seat in await client.seats(state="lost") if matches(selector, seat)]
    ways_out = _ways_out(selector, pool)
    if verdict == "lifted":
        raise CommandError(f"the drain of {selector} was lifted by somebody else", exit_code=EXIT_FAILED)
    if verdict == "timeout":
        busy = last.drain.busy if last else None
        calls = "calls go on" if busy is None else f"{busy} {'call goes' if busy == 1 else 'calls go'} on"
        text = f"[yellow]not empty after {timeout_s:g} s[/]: {calls}. The drain stands. {ways_out}"
        output.emit("drain.timeout", text, selector=selector, busy=busy)
        return EXIT_BUSY_SEATS
    seats = last.drain.seats if last else 0
    text = f"[green]{selector} is empty[/]: {_count(seats)}, no call, every result delivered. {ways_out}"
    if lost:
        text += (
            f"\n[yellow]{len(lost)} more cannot be asked ({', '.join(lost)}): their workers are silent, and may carry "
            "a call still. Look there before you replace them.[/]"
        )
    output.emit("drain.empty", text, selector=selector, seats=seats, lost=lost)
    return EXIT_DONE


async def _watched(
    client: RegistryClient, selector: str, timeout_s: float | None, output: Output
) -> tuple[str, Progress | None]:
    """Wait with a line that changes on a terminal, and with a line for each change where there is none."""
    if output.as_json or not output.console.is_terminal:
        said = ""

        def say(progress: Progress) -> None:
            nonlocal said
            drain = progress.drain
            state = json_text.dumps([drain.drained, drain.seats, drain.busy, progress.away])
            if state != said:
                said = state
                output.emit("drain.progress", _progress(progress), **drain.model_dump(), away=progress.away)

        return await until_empty(client, selector, say, timeout_s=timeout_s)
    with output.console.status("looking") as line:
        return await until_empty(client, selector, lambda now: line.update(_progress(now)), timeout_s=timeout_s)


def _progress(progress: Progress) -> str:
    drain = progress.drain
    text = f"{drain.drained} of {_count(drain.seats)} empty"
    if drain.busy:
        text += f", {drain.busy} with a call, the oldest {duration(drain.oldest_call_ms)}"
        text += f", the last ends in about {duration(drain.eta_ms)}" if drain.eta_ms else ""
    elif drain.drained < drain.seats:
        text += ", the others finish: their own word, open reservations, results on their way"
    return text + ("  (the registry gives no answer; asking again)" if progress.away else "")


def _ways_out(selector: str, pool: str) -> str:
    name = "all" if selector == "pool" else selector
    where = "" if pool == "default" else f" --pool {pool}"
    return f"Lift it: vox fleet undrain {name}{where}"


def _count(seats: int) -> str:
    return "1 seat" if seats == 1 else f"{seats} seats"


@fleet.command
def undrain(what: str, /, *, pool: Pool = "default", json: Json = False) -> int:
    """Lift a drain. A seat that another drain names as well stays drained.

    Parameters
    ----------
    what
        What `vox fleet drain` was told.
    """
    return asyncio.run(_undrain(VoxctlSettings.load(), what, pool, Output(as_json=json)))


async def _undrain(settings: VoxctlSettings, what: str, pool: str, output: Output) -> int:
    async with registry(settings, pool) as client:
        selector = drain_of(what, await client.drains())
        await client.undrain(selector)
        left = [drain.selector for drain in await client.drains()]
    others = f"; drains left: {', '.join(left)}" if left else ""
    output.emit("drain.lifted", f"the drain of {selector} is lifted{others}", selector=selector, left=left)
    return EXIT_DONE


@fleet.command
def quota(
    client: str | None = None,
    /,
    *,
    max: str | None = None,
    min: Seats = None,
    weight: Annotated[int | None, Parameter(validator=validators.Number(gte=1, lte=100))] = None,
    campaign: str | None = None,
    reset: Annotated[bool, Parameter(negative=())] = False,
    pool: Pool = "default",
    json: Json = False,
) -> int:
    """Show the limits of the clients and what they use; with a client and a limit, set it. Others stay as they are.

    Parameters
    ----------
    client
        Name of a deployment (its DEPLOYMENT_NAME).
    max
        Calls at most, or `none`.
    min
        Seats kept for it.
    weight
        Share of the queue against other clients, 1 to 100.
    campaign
        Set the limits of this campaign of the client instead.
    reset
        Give the client the registry's default limits again, and its campaigns none.
    """
    limit: dict[str, Any] = {name: value for name, value in (("min", min), ("weight", weight)) if value is not None}
    if max is not None:
        if max != "none" and not max.isdecimal():
            raise CommandError(f"--max {max}: a number of calls, or `none`")
        limit["max"] = None if max == "none" else int(max)
    if reset and (limit or campaign):
        raise CommandError("--reset forgets every limit of the client: give it alone")
    if (limit or reset) and client is None:
        raise CommandError("whose quota? vox fleet quota CLIENT --max N")
    if campaign and not limit:
        raise CommandError(f"say what to set for the campaign {campaign}: --max or --min")
    if campaign and "weight" in limit:
        raise CommandError("a campaign has no weight: the queue is shared between clients")
    return asyncio.run(_quota(VoxctlSettings.load(), client, campaign, limit, reset, pool, Output(as_json=json)))


async def _quota(
    settings: VoxctlSettings,
    client: str | None,
    campaign: str | None,
    limit: dict[str, Any],
    reset: bool,
    pool: str,
    output: Output,
) -> int:
    async with registry(settings, pool) as caller:
        quotas = await caller.quotas()
        if client and reset:
            quotas = await caller.delete_quota(client)
        elif client and limit:
            present = next((quota for quota in quotas.items if quota.client == client), None)
            document: dict[str, Any] = present.model_dump() if present else {"client": client}
            if campaign:
                campaigns = document.setdefault("campaigns", {})
                campaigns[campaign] = {**campaigns.get(campaign, {}), **limit}
            else:
                document |= limit
            quotas = await caller.put_quota(_checked(document))
    if client:
        quotas.items = [quota for quota in quotas.items if quota.client == client]
    if not quotas.items:
        whose = f"the client {escape(client)}" if client else "any client"
        text: Any = f"no limits are set for {whose}, and none of its calls run: DEFAULT_CLIENT_QUOTA holds"
    else:
        text = quota_table(quotas)
    output.emit("fleet.quotas", text, **quotas.model_dump())
    return EXIT_DONE


def _checked(document: dict[str, Any]) -> ClientQuota:
    """The whole document that is put, without what only the registry counts. Raises: CommandError."""
    document.pop("used", None)
    try:
        campaigns = {
            name: CampaignQuota.model_validate({key: value for key, value in limits.items() if key != "used"})
            for name, limits in document.pop("campaigns", {}).items()
        }
        return ClientQuota.model_validate({**document, "campaigns": campaigns})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise CommandError(f"quota {where}: {first['msg']}") from None
