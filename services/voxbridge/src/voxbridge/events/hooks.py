"""Background work of the event stream; each does nothing while no stream is open."""

from __future__ import annotations

from voxbridge.context import Context
from voxbridge.events.bus import Listener
from voxbridge.events.feed import CampaignFeed, FleetFeed
from voxbridge.events.service import SIGNAL
from voxbridge.jobs import Job


def jobs(ctx: Context) -> list[Job]:
    return [
        Job("events.listener", 1.0, leader=False, run=Listener(ctx).run, signal=SIGNAL),
        Job("events.campaigns", 0.5, leader=False, run=CampaignFeed(ctx).run),
        Job("events.fleet", 1.0, leader=False, run=FleetFeed(ctx).run),
    ]
