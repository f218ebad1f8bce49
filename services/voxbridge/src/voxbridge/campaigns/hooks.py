"""The keeper of campaigns: each part is a job of its own, so that none waits for another."""

from __future__ import annotations

from voxbridge.campaigns import lifecycle, recovery
from voxbridge.campaigns.keeper import Keeper
from voxbridge.campaigns.resetting import Resetting
from voxbridge.campaigns.settling import Settling
from voxbridge.campaigns.stats import Recount
from voxbridge.campaigns.suppression import Suppression
from voxbridge.context import Context
from voxbridge.jobs import Job

KEEPER_S = 5.0
RESET_S = 2.0


def jobs(ctx: Context) -> list[Job]:
    return [
        Job("campaigns.keeper", KEEPER_S, leader=True, run=Keeper(ctx).run),
        Job("campaigns.settle", KEEPER_S, leader=True, run=Settling(ctx).run, signal=lifecycle.SIGNAL),
        Job("campaigns.reset", RESET_S, leader=True, run=Resetting(ctx).run, signal=lifecycle.RESET_SIGNAL),
        Job("campaigns.suppress", KEEPER_S, leader=True, run=Suppression(ctx).run),
        Job("campaigns.recover", KEEPER_S, leader=True, run=lambda: recovery.process_again(ctx)),
        Job("campaigns.stats", 1.0, leader=True, run=Recount(ctx).run),
    ]
