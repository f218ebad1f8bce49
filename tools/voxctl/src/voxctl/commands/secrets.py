"""`vox secrets`: what services of the hosts are told and nobody else may read."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from cyclopts import App

from voxctl.commands.options import DEPLOY_YML, Env, InventoryFile, Json, Why
from voxctl.deploy.lock import Owner, hold
from voxctl.deploy.rotation import ELSE, NAME
from voxctl.deploy.rotation import rotate as rotated
from voxctl.deploy.secrets import check_values, for_host, load, needs
from voxctl.deploy.secrets import push as push_to
from voxctl.deploy.trail import DiskTrail
from voxctl.deploy.view import View
from voxctl.hosts.inventory import Inventory, load_inventory
from voxctl.hosts.remote import connected
from voxctl.output import EXIT_DONE, EXIT_PREFLIGHT, EXIT_USAGE, CommandError, Output, escape

secrets = App(name="secrets", help="Secrets of the hosts: their names are shown, their values never.")


@secrets.command
def push(
    *hosts: str,
    why: Why = "",
    inventory: InventoryFile = DEPLOY_YML,
    env: Env = "",
    json: Json = False,
) -> int:
    """Send each host its part of the secrets: /etc/vox/secrets.env, 0600. Services read it when they are replaced.

    Parameters
    ----------
    hosts
        Hosts of the inventory; all of them without a name.
    """
    output, known = Output(as_json=json), load_inventory(inventory, env)
    for name in hosts:
        known.known(name)
    asyncio.run(_push(known, hosts or tuple(known.hosts), why, output))
    return EXIT_DONE


@secrets.command
def rotate(
    name: str,
    /,
    *,
    why: Why = "",
    inventory: InventoryFile = DEPLOY_YML,
    env: Env = "",
    json: Json = False,
) -> int:
    """Bring the new VOXCORE_SECRET into use without losing a call: put it where secrets come from, then this.

    Three rounds, each a push and every service and seat made anew when its call is over: the new one is accepted, the
    new one is used, the old one is forgotten. Given again after an interruption it goes on.

    Parameters
    ----------
    name
        VOXCORE_SECRET.
    """
    if name != NAME:
        how = ELSE.get(name, "put the new one where secrets come from, `vox secrets push`, deploy what uses it")
        raise CommandError(f"only {NAME} is rotated by this command. {name}: {how}", exit_code=EXIT_USAGE)
    view, known = View(Output(as_json=json)), load_inventory(inventory, env)

    async def main() -> None:
        values = await load(known.secrets)
        check_values(values, known.env)
        if not values.get(NAME):
            raise CommandError(f"{NAME} does not stand where secrets come from", exit_code=EXIT_PREFLIGHT)
        await rotated(known, values[NAME], why, view)

    asyncio.run(main())
    return EXIT_DONE


async def _push(inventory: Inventory, names: Sequence[str], why: str, output: Output) -> None:
    values = await load(inventory.secrets)
    check_values(values, inventory.env)
    parts = {name: for_host(inventory, name, values) for name in names}
    used = {
        each
        for name in inventory.hosts
        for wanted in [needs(inventory, name)]
        for each in wanted.required | wanted.optional
    }
    if idle := sorted(values.keys() - used):
        output.emit("secrets.unused", f"[yellow]no host asks for {', '.join(idle)}[/]", names=idle)
    owner = Owner.now(what="secrets push", why=why, env=inventory.env)
    async with connected(inventory, [*dict.fromkeys((inventory.lock_host, *names))]) as remotes:
        lock_host = remotes[inventory.lock_host]
        trail = DiskTrail(lock_host, remotes, env=inventory.env, tell=output.emit)
        async with hold(lock_host, owner):
            for name in names:
                change = await push_to(remotes[name], parts[name])
                await trail.line(
                    "secrets.push", result="done", host=name, reason="; ".join(filter(None, (str(change), why)))
                )
                facts = {"added": change.added, "changed": change.changed, "removed": change.removed}
                output.emit("secrets.pushed", escape(f"{name}: {change}"), host=name, **facts)
