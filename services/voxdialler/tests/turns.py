"""A dialler with its loop: the real store, a scripted carrier, a fleet and a voxbridge that the test switches off."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from types import SimpleNamespace
from typing import Any

import httpx
from voxdialler.live import Panels
from voxdialler.loop import Loop
from voxkit.clock import utc_now

from .dial.conftest import make_context
from .dial.world import World

Document = dict[str, Any]


@dataclass
class Fleet:
    """What the registry says of free seats, in place of `voxdialler.capacity`."""

    seats_left: int = 100
    away: bool = False
    by_fallback: bool = False
    refused_now: set[str] = field(default_factory=set)
    refused_before: set[str] = field(default_factory=set)

    @property
    def free(self) -> int | None:
        return None if self.away else self.seats_left

    async def look(self, hosts: list[str]) -> bool:
        self.refused_before, self.refused_now = self.refused_now, set()
        return not self.away

    def refused(self, scope: str) -> None:
        self.refused_now.add(scope)

    def is_refused(self, scope: str) -> bool:
        return scope in self.refused_now

    def was_refused(self, scope: str) -> bool:
        return scope in self.refused_before


class Turns:
    """`tick` is one turn of the loop; `settle` waits until every dial of it has come as far as it does alone."""

    def __init__(self, db: Any) -> None:
        self.world = World(db, make_context)
        self.fleet = Fleet()
        self.bridge_status, self.bridge_clock = 200, 0.0
        self.loop = self._loop()

    def _loop(self) -> Loop:
        ctx = self.world.ctx
        ctx.capacity = self.fleet
        ctx.panels = Panels(self.world.db["campaigns"], self.world.db["campaign_attempts"])
        ctx.http = httpx.AsyncClient(transport=httpx.MockTransport(self._voxbridge))
        ctx.leader.former = "none"
        return Loop(ctx)

    def _voxbridge(self, request: httpx.Request) -> httpx.Response:
        stated = datetime.fromtimestamp(utc_now().timestamp() + self.bridge_clock, UTC)
        return httpx.Response(self.bridge_status, headers={"Date": format_datetime(stated, usegmt=True)})

    def another(self) -> Loop:
        """A second process on the same store that believes to lead as well."""
        other = Turns.__new__(Turns)
        other.__dict__.update(self.__dict__)
        other.world = World(self.world.db, make_context)
        other.world.carrier, other.world.seats = self.world.carrier, self.world.seats
        other.world.restart()
        return other._loop()

    def take_over(self, former: str, epoch: int) -> None:
        """The former process is gone; this one leads in a later epoch."""
        self.world.restart()
        owner = f"other:{uuid.uuid4().hex}#{epoch}"
        self.world.ctx.leader = SimpleNamespace(is_leader=True, lease_owner=owner, epoch=epoch)
        self.loop = self._loop()
        self.world.ctx.leader.former = former

    async def tick(self) -> None:
        self.loop._shown_at = float("-inf")  # a second has passed since the last panel
        await self.loop.tick()
        if self.loop._panels:
            await self.loop._panels

    async def settle(self) -> None:
        await self.world.ctx.tasks.settle(30)

    async def states(self, campaign: Document) -> list[str]:
        rows = self.world.db["campaign_calls"].find({"campaign_id": campaign["_id"]}).sort("row_no", 1)
        return [row["status"] async for row in rows]

    async def live(self, campaign: Document) -> Document:
        found = await self.world.db["campaigns"].find_one({"_id": campaign["_id"]})
        return found["live"]

    async def contacts(self, campaign: Document, count: int, first: int = 100, **fields: Any) -> list[Document]:
        return [await self.world.row(campaign, f"+1555{first + n:04}", row_no=n + 1, **fields) for n in range(count)]

    async def aclose(self) -> None:
        await self.world.ctx.tasks.cancel()
        await self.world.ctx.originators.aclose()
        await self.world.carrier.aclose()


async def opened(db: Any) -> AsyncIterator[Turns]:
    made = Turns(db)
    await made.world.start()
    yield made
    await made.aclose()
