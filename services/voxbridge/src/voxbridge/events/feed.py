"""What no request tells of: figures of campaigns that voxdialler and the recount write, and the seats of the fleet.

Looked at while a stream is open. The first look at a thing is told as well: what came before it is not known.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from typing import Any

from pydantic import TypeAdapter

from voxbridge.context import Context
from voxbridge.events import store
from voxbridge.events.bus import hub_of
from voxbridge.fleet import figures
from voxbridge.fleet.models import FleetStatus

Document = dict[str, Any]
APART_S = 1.0
"""At most one event of a campaign, and of the fleet, in this time."""
ONE = "campaign:"
_AS_THE_API = TypeAdapter(dict[str, Any])


def _look(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()


class CampaignFeed:
    """`run` tells `campaign.updated` of every campaign that looks different now."""

    def __init__(self, ctx: Context, clock: Callable[[], float] = time.monotonic) -> None:
        self._ctx = ctx
        self._clock = clock
        self._known: dict[str, tuple[str, float]] = {}  # campaign -> how it looked, when that was told

    async def run(self) -> None:
        hub = hub_of(self._ctx)
        topics = hub.topics()
        everything = "campaigns" in topics
        named = {topic.removeprefix(ONE) for topic in topics if topic.startswith(ONE)}
        if not everything and not named:
            self._known.clear()
            return
        rows = await store.moving(self._ctx) if everything else []
        # One that ran a moment ago and does no more has its last word.
        missing = (named | (self._known.keys() if everything else set())) - {row["_id"] for row in rows}
        rows += await store.campaigns(self._ctx, sorted(missing))
        now = self._clock()
        for row in rows:
            look, before = _look(row), self._known.get(row["_id"])
            if before and (before[0] == look or now - before[1] < APART_S):
                continue
            self._known[row["_id"]] = (look, now)
            told = {"campaign_id": row["_id"], **{name: row.get(name) for name in ("status", "stats", "live")}}
            data = _AS_THE_API.dump_python(told, mode="json")
            hub.tell("campaign.updated", ("campaigns", ONE + row["_id"]), data)
        over = {row["_id"] for row in rows if row["status"] not in store.MOVING} - named
        gone = missing - {row["_id"] for row in rows}
        for campaign_id in over | gone:
            if (known := self._known.get(campaign_id)) is None or now - known[1] >= 10 * APART_S:
                self._known.pop(campaign_id, None)


class FleetFeed:
    """`run` tells `fleet.changed` when a seat or a host looks different now."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._known = ""

    async def run(self) -> None:
        hub = hub_of(self._ctx)
        if "fleet" not in hub.topics():
            self._known = ""
            return
        status = await figures.status(self._ctx)
        if (look := fleet_look(status)) != self._known:
            self._known = look
            hub.tell("fleet.changed", ("fleet",), figures.told(status))


def fleet_look(status: FleetStatus) -> str:
    """How the fleet looks, without the ages that change by themselves."""
    seats = [
        (seat.worker_id, seat.host_id, seat.state, seat.phase, seat.draining, seat.image_tag, seat.epoch,
         seat.outbox_pending, seat.session_id)
        for seat in status.seats
    ]  # fmt: skip
    waiting = (status.fleet.waiting_by, status.fleet.refusals) if status.fleet else None
    hosts = [host.model_dump() for host in status.workers]
    return _look([status.source, hosts, seats, waiting])
