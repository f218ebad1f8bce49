"""`vox fleet register HOST`: a host of the inventory becomes one that voxbridge chooses from."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from voxctl.api import Bridge, api_url, credentials
from voxctl.hosts.inventory import load_inventory
from voxctl.output import EXIT_DONE, Output
from voxctl.settings import VoxctlSettings


def register(
    name: str,
    *,
    inventory: Annotated[Path, Parameter(name="--inventory", help="The inventory.")] = Path("deploy.yml"),
    env: Annotated[str, Parameter(name=["--env", "-e"], help="Environment: deploy.<env>.yml lies over it.")] = "",
    json: Annotated[bool, Parameter(negative=(), help="JSON lines instead of text.")] = False,
) -> int:
    """Add a fleet host's public URL to voxbridge's setting `core_fleet`. Repeats change nothing.

    Parameters
    ----------
    name
        Host of the inventory.
    """
    url = load_inventory(inventory, env).host(name, "fleet").public_url or ""
    return asyncio.run(_register(name, url, Output(as_json=json)))


async def _register(name: str, url: str, output: Output) -> int:
    settings = VoxctlSettings.load()
    async with Bridge(api_url(settings), *credentials(settings)) as bridge:
        settings_now = await bridge.get("/settings")
        known = [each.rstrip("/") for each in settings_now["core_fleet"]]
        if url in known:
            output.emit("fleet.registered", f"{name} is there already: {url}", host=name, url=url, added=False)
            return EXIT_DONE
        await bridge.put("/settings/fleet", {"core_fleet": [*known, url], "revision": settings_now["revision"]})
    said = f"voxbridge chooses from {len(known) + 1} hosts now: {url} is new"
    output.emit("fleet.registered", said, host=name, url=url, added=True)
    return EXIT_DONE
