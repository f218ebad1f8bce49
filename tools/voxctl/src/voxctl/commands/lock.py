"""`vox lock`: who works on the installation now, and a way round somebody who is gone."""

from __future__ import annotations

import asyncio
from typing import Annotated

from cyclopts import App, Parameter

from voxctl.commands.options import DEPLOY_YML, Env, InventoryFile, Json
from voxctl.deploy.lock import break_it, see
from voxctl.deploy.trail import DiskTrail
from voxctl.hosts.inventory import load_inventory
from voxctl.hosts.remote import Remote
from voxctl.output import EXIT_DONE, EXIT_USAGE, CommandError, Output, escape

lock = App(name="lock", help="The lock of the installation: who holds it, since when, and why.")


@lock.default
def show(*, inventory: InventoryFile = DEPLOY_YML, env: Env = "", json: Json = False) -> int:
    """Say who holds the lock."""
    output, known = Output(as_json=json), load_inventory(inventory, env)

    async def look() -> None:
        async with Remote(known, known.lock_host) as host:
            held = await see(host)
        if held is None:
            output.emit("lock.free", f"free (on {known.lock_host})", host=known.lock_host)
            return
        text = f"held by {held.owner.sentence()}; last sign of life {held.age_s} s ago"
        text += "\nits holder is gone: vox lock release --force" if held.stale else ""
        facts = held.owner.model_dump(exclude={"id"})
        output.emit("lock.held", escape(text), host=known.lock_host, age_s=held.age_s, stale=held.stale, **facts)

    asyncio.run(look())
    return EXIT_DONE


@lock.command
def release(
    *,
    force: Annotated[bool, Parameter(negative=(), help="Yes, its holder is gone.")] = False,
    inventory: InventoryFile = DEPLOY_YML,
    env: Env = "",
    json: Json = False,
) -> int:
    """Break the lock of somebody who is gone: the last sign of life is older than ten minutes. It is audited."""
    output, known = Output(as_json=json), load_inventory(inventory, env)
    if not force:
        raise CommandError(
            "a command gives its own lock back; to break somebody else's, see `vox lock` and add --force",
            exit_code=EXIT_USAGE,
        )

    async def go() -> None:
        async with Remote(known, known.lock_host) as host:
            held = await break_it(host)
            if held is None:
                output.emit("lock.free", "free already", host=host.name)
                return
            reason = f"held by {held.owner.sentence()}; last sign of life {held.age_s} s before"
            trail = DiskTrail(host, env=known.env)
            await trail.line("lock.break", result="done", host=host.name, reason=reason)
            output.emit("lock.broken", escape(f"broken: it was {reason}"), host=host.name, reason=reason)

    asyncio.run(go())
    return EXIT_DONE
