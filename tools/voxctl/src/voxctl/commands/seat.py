"""`vox seat restart`: one seat made anew on the image that it has."""

from __future__ import annotations

import asyncio
from typing import Annotated

from cyclopts import App, Parameter

from voxctl.commands.options import DEPLOY_YML, Env, InventoryFile, Json, Why
from voxctl.deploy.containers import HostContainers
from voxctl.deploy.lock import Owner, hold
from voxctl.deploy.renew import Renewal, steadily
from voxctl.deploy.seats import RemoteSeats
from voxctl.deploy.site import Site, WallClock, opened
from voxctl.hosts.inventory import Inventory, load_inventory
from voxctl.hosts.ssh import RemoteFailed
from voxctl.output import EXIT_DONE, EXIT_FAILED, EXIT_PREFLIGHT, EXIT_USAGE, CommandError, Output
from voxctl.settings import VoxctlSettings

seat = App(name="seat", help="One seat of a fleet host.")


@seat.command
def restart(
    name: str,
    *,
    kill: Annotated[bool, Parameter(negative=(), help="Also when it carries a call: that ends as `error`.")] = False,
    why: Why = "",
    inventory: InventoryFile = DEPLOY_YML,
    env: Env = "",
    json: Json = False,
) -> int:
    """Make a seat anew on the image that it has; one with a call is left alone without --kill.

    Parameters
    ----------
    name
        A seat, like fleet1-3.
    """
    output, known = Output(as_json=json), load_inventory(inventory, env)
    asyncio.run(_restart(known, host_of(known, name), name, kill, why, output))
    return EXIT_DONE


def host_of(inventory: Inventory, seat: str) -> str:
    """The host that a seat is named after. Raises: CommandError."""
    host = seat.rpartition("-")[0]
    if host not in inventory.hosts:
        raise CommandError(
            f"{seat} is no seat: they are named HOST-NUMBER, and hosts are {', '.join(inventory.hosts)}",
            exit_code=EXIT_USAGE,
        )
    inventory.host(host, "fleet")
    return host


async def _restart(inventory: Inventory, host: str, name: str, kill: bool, why: str, output: Output) -> None:
    async with opened(inventory, VoxctlSettings.load(), tell=output.emit) as site:
        fleet = site.fleets()[host]
        owner = Owner.now(what=f"seat restart {name}", why=why, env=inventory.env)
        async with hold(site.lock_host, owner):
            await no_deploy_is_open(site)
            renewal = Renewal(
                fleet,
                lambda id: remake(fleet, id, force=kill),
                WallClock(),
                f"seat restart by {owner.who}",
                health_timeout_s=inventory.rolling.health_timeout,
                tell=output.emit,
            )
            now = next((each for each in await renewal.seats() if each.id == name), None)
            if now is None:
                raise CommandError(f"{host} has no seat {name}: {', '.join(fleet.places)}", exit_code=EXIT_USAGE)
            if now.carries and not kill:
                raise CommandError(
                    f"{name} carries call {now.call or '?'} for {now.call_age_s:.0f} s: wait for its end "
                    f"(vox fleet drain {name}), or cut it with --kill",
                    exit_code=EXIT_FAILED,
                )
            if now.running and not now.healthy and not kill:
                raise CommandError(
                    f"{name} gives no answer ({now.complaint or 'it is silent'}), so nobody knows whether it carries a "
                    "call: restart it all the same with --kill",
                    exit_code=EXIT_FAILED,
                )
            cut = kill and (now.carries or not now.healthy)
            try:
                done = await renewal.one(now, patient=False, cut=cut)
            except CommandError as error:
                await site.trail.line("seat.restart", result="failed", host=host, seat=name, reason=str(error)[:400])
                raise
            if not done:
                raise CommandError(f"{name} got a call just now and keeps it: try again, or --kill")
            facts = {"session_id": now.call} if now.carries else {}
            await site.trail.line(
                "seat.restart", result="done", host=host, seat=name, reason=why, calls_live=int(now.carries), **facts
            )
    output.emit(
        "seat.restarted", f"{name} takes calls again", seat=name, host=host, cut=now.call if now.carries else ""
    )


async def no_deploy_is_open(site: Site) -> None:
    """Seats that an interrupted deploy has in hand are its own. Raises: CommandError."""
    state = await site.journal.unfinished()
    if state is not None:
        raise CommandError(
            f"{state.get('kind', 'deploy')} {state.get('id')} is not finished, its seats are left to it: "
            "vox deploy --resume, or vox rollback",
            exit_code=EXIT_PREFLIGHT,
        )


async def remake(fleet: RemoteSeats, id: str, *, force: bool = False) -> None:
    """A seat's container anew. `force`: one that heeds no signal is killed; the grace of a stop is over two hours."""
    place = fleet.places[id]
    if force:
        now = next(each for each in await steadily(fleet.seats, WallClock(), fleet.name) if each.id == id)
        if now.running and not now.drained:
            await fleet.remote.docker("kill", HostContainers(fleet.remote).name_of(place.service), repeat=True)
    words = ("up", "--detach", "--no-deps", "--no-build", "--pull", "never", "--force-recreate", place.service)
    done = await fleet.remote.compose(*words)
    if not done.ok:
        raise RemoteFailed(f"{id} cannot be started: {done.words}", done.code)
