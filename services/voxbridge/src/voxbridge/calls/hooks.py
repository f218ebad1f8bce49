"""Background work on calls."""

from __future__ import annotations

from voxbridge.calls import upkeep
from voxbridge.context import Context
from voxbridge.jobs import Job


def jobs(ctx: Context) -> list[Job]:
    async def sweep() -> None:
        await upkeep.close_orphans(ctx)

    return [
        Job("calls.orphans", 60, leader=True, run=sweep),
        Job("calls.retention", 3600, leader=True, run=lambda: upkeep.apply_retention(ctx)),
    ]
