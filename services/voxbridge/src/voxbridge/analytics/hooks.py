"""Background work of the analytics."""

from __future__ import annotations

from voxbridge.analytics.recount import Recount
from voxbridge.context import Context
from voxbridge.jobs import Job


def jobs(ctx: Context) -> list[Job]:
    recount = Recount(ctx)
    return [Job("analytics.recount", 2.0, leader=True, run=recount.run)]
