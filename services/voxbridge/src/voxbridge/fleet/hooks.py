"""Background work of the fleet choice."""

from __future__ import annotations

from voxbridge.context import Context
from voxbridge.fleet import fallback
from voxbridge.jobs import Job


def jobs(ctx: Context) -> list[Job]:
    """None without a registry, or where nobody asked for the fallback."""
    if ctx.pools is None or ctx.settings.fleet_fallback != "poll":
        return []

    async def look_again() -> None:
        await fallback.look_again(ctx)

    async def remember_max() -> None:
        await fallback.remember_max(ctx)

    return [
        Job("fleet_registry", fallback.LOOK_EVERY_S, leader=False, run=look_again),
        Job("fleet_max", fallback.READ_MAX_EVERY_S, leader=False, run=remember_max),
    ]
