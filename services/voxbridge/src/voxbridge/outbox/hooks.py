"""Background work of the outbox."""

from __future__ import annotations

from voxbridge.context import Context
from voxbridge.jobs import Job
from voxbridge.outbox import service


def jobs(ctx: Context) -> list[Job]:
    engine = service.Engine(ctx)

    async def run() -> None:
        await engine.run_once()

    async def measure() -> None:
        await service.measure(ctx)

    return [
        Job("outbox", 1.0, leader=False, run=run, signal=service.SIGNAL),
        Job("outbox_figures", 15.0, leader=False, run=measure),
    ]
