"""A dialler without its loop: the real store, a scripted carrier and seats, and everything a single dial touches."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any

import httpx
from voxdialler import dial, recovery
from voxdialler.context import Context, DialOrder
from voxdialler.originate.livekit_sip import LivekitSip
from voxkit.campaigns import contact_id
from voxkit.clock import utc_now
from voxkit.contracts.campaigns import ACTIVE, CampaignConfig
from voxkit.errors import AtCapacity, NotFound
from voxkit.registry import Grant, QuotaExceeded, RegistryAway, Slot

from .fake_carrier import TALKS, FakeCarrier, Plan

Document = dict[str, Any]
CARRIER: Document = {
    "_id": "k1", "name": "net", "originate": "websocket_carrier", "rest": {"adapter": "voxphone"},
    "outbound_cps": 50, "outbound_burst": 50, "outbound_channels": 100,
    "dids": [{"number": "+15550199", "phone_key": "15550199", "direction": "both"}],
}  # fmt: skip
TRUNK: Document = {"_id": "lk", "name": "sip", "originate": "livekit_sip", "lk_outbound_trunk_id": "ST_1"}
BOT: Document = {"_id": "demo", "bot_id": "demo", "is_active": True, "timezone": "UTC", "max_call_duration_seconds": 60}
ALWAYS = {"start": "00:00", "end": "00:00", "timezone": "UTC"}


class Seats:
    """A fleet of `free` seats, in place of the registry: who holds one, and how often it was given back. A reservation
    has `left_s` to go.

    Every request gives others a turn. Starts go through the registry client's own `Slot` to `worker`, which answers as
    a worker would.
    """

    def __init__(self) -> None:
        self.free, self.left_s = 100, 60.0
        self.quota: dict[str, int] = {}
        self.held: dict[str, Document] = {}
        self.released: list[str] = []
        self.starts: list[Document] = []
        self.answers: list[httpx.Response | httpx.TransportError] = []
        self.on_start: Callable[[httpx.Request], None] | None = None
        self.active: set[str] = set()
        self.sessions: list[str] = []
        self.address = "http://fleet.test"
        self.http = httpx.AsyncClient(transport=httpx.MockTransport(self._start))

    async def reserve(self, reservation_id: str, **wish: Any) -> Grant:
        await asyncio.sleep(0)
        if reservation_id not in self.held:
            if len(self.held) >= self.free:
                raise AtCapacity()
            campaign = wish["campaign"]
            if sum(one["campaign"] == campaign for one in self.held.values()) >= self.quota.get(campaign, self.free):
                raise QuotaExceeded()
            self.held[reservation_id] = wish
        return self._grant(reservation_id, "w1")

    async def extend(self, grant: Grant, *, hold: float) -> Grant:
        await asyncio.sleep(0)
        return grant

    async def replace(self, grant: Grant, reason: str, *, up_to: float = 3) -> Grant:
        await asyncio.sleep(0)
        return self._grant(grant.reservation_id, f"w{int(grant.worker_id[1:]) + 1}")

    async def confirm(self, grant: Grant, call_id: str | None = None) -> None:
        await asyncio.sleep(0)
        self.active.add(grant.reservation_id)

    async def read(self, reservation_id: str, **_: Any) -> Any:
        await asyncio.sleep(0)
        if reservation_id not in self.held:
            raise NotFound("no such reservation")
        return SimpleNamespace(state="active" if reservation_id in self.active else "held", call_id=None)

    async def seats(self, **_: Any) -> list[Any]:
        seat = partial(SimpleNamespace, state="busy", reservation_id=None, session_id=None)
        return [seat(reservation_id=each) for each in self.held] + [seat(session_id=each) for each in self.sessions]

    async def is_away(self, **_: Any) -> list[Any]:
        raise RegistryAway("no answer")

    async def release(self, grant: Grant | str) -> None:
        await asyncio.sleep(0)
        reservation_id = grant if isinstance(grant, str) else grant.reservation_id
        self.released.append(reservation_id)
        self.held.pop(reservation_id, None)

    @asynccontextmanager
    async def using(self, grant: Grant) -> AsyncGenerator[Slot]:
        slot = Slot(self, grant)
        try:
            yield slot
        finally:
            if not slot.begun:
                await self.release(slot.grant)

    def _grant(self, reservation_id: str, worker_id: str) -> Grant:
        return Grant(
            reservation_id, "held", worker_id, "h1", self.address, self.address, "t", 1,
            fence=f"v1.{worker_id}.x", expires_at=time.monotonic() + self.left_s,
        )  # fmt: skip

    async def _start(self, request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0)
        self.starts.append(
            {"path": request.url.path, "worker": request.headers.get("X-Vox-Worker"), **json.loads(request.content)}
        )
        if self.on_start:
            self.on_start(request)
        answer = self.answers.pop(0) if self.answers else httpx.Response(200, json={"call_id": "call-1"})
        if isinstance(answer, httpx.TransportError):
            raise answer
        return answer


class World:
    """The dialler's side. `ctx` is what a running dialler would have; `restart` is a new process on the same store."""

    def __init__(self, db: Any, make_context: Callable[[World], Context]) -> None:
        self.db, self.seats = db, Seats()
        self.carrier: Any = FakeCarrier()
        self.livekit: LivekitSip | None = None
        self._open_livekit: Callable[[], LivekitSip | None] = lambda: None
        self._make = make_context
        self.ctx = make_context(self)

    def restart(self) -> None:
        """The former process is gone with everything it knew."""
        self.livekit = self._open_livekit()
        self.ctx = self._make(self)

    def use_livekit(self, open_livekit: Callable[[], LivekitSip]) -> None:
        """A dialler for which LiveKit is set."""
        self._open_livekit = open_livekit
        self.restart()

    def another(self) -> Context:
        """A second dialler on the same store."""
        return self._make(self)

    async def start(self) -> None:
        await self.db["carriers"].insert_one(dict(CARRIER))
        await self.db["bots"].insert_one(dict(BOT))

    async def campaign(self, campaign_id: str = "c1", **config: Any) -> Document:
        block = {"campaign_mode": "multi_day", "time_window": ALWAYS, **config}
        campaign: Document = {
            "_id": campaign_id, "campaign_id": campaign_id, "name": "Autumn", "bot_id": "demo", "status": "running",
            "number_pool": ["+15550199"], "config": CampaignConfig.model_validate(block).model_dump(),
            "config_url": "http://bridge.test/api/v1/config", "run_number": 1, "run_window": None,
            "completion_reason": None,
        }  # fmt: skip
        await self.db["campaigns"].insert_one(campaign)
        return campaign

    async def row(self, campaign: Document, number: str, plan: Plan | None = None, **fields: Any) -> Document:
        key = number.removeprefix("+")
        if isinstance(self.carrier, FakeCarrier):
            self.carrier.plans.setdefault(number, plan or Plan(TALKS))
        row: Document = {
            "_id": contact_id(campaign["_id"], key), "campaign_id": campaign["_id"], "run_number": 1, "row_no": 1,
            "phone_number": number, "phone_key": key, "variables": {"name": "Ana"}, "status": "pending",
            "status_changed_at": utc_now(), "next_retry_at": None, "attempt_count": 0, "connected_once": False,
            "callback": None, "lease_id": None, "lease_owner": None, "leased_from": None, "exclude_requested": False,
        } | fields  # fmt: skip
        await self.db["campaign_calls"].insert_one(row)
        return row

    async def lease(self, campaign: Document, row: Document, **order: Any) -> DialOrder:
        """The row leased under a new attempt, as the loop does it, and the order for its dial."""
        attempt_id, now = uuid.uuid4().hex, utc_now()
        held = {
            "status": "leased", "leased_from": row["status"], "lease_id": attempt_id, "leased_at": now,
            "lease_owner": self.ctx.lease_owner, "lease_expires_at": now + timedelta(seconds=60),
            "status_changed_at": now,
        }  # fmt: skip
        await self.db["campaign_calls"].update_one({"_id": row["_id"]}, {"$set": held})
        leased = await self.read(row)
        told = {"from_number": "+15550199", "carrier": dict(CARRIER), **order}
        return DialOrder(attempt_id=attempt_id, campaign=campaign, row=leased, **told)

    async def run(self, order: DialOrder, work: Awaitable[None] | None = None) -> None:
        """A dial as a task of this dialler, to where it ends, or other work of its contact. Raises: whatever ended
        it."""
        await self._as_task(order.attempt_id, order.row["_id"], work or dial.run(self.ctx, order))

    async def dial(self, campaign: Document, row: Document) -> Document:
        """One dial to where its task ends; the row afterwards."""
        await self.run(await self.lease(campaign, row))
        return await self.read(row)

    async def read(self, row: Document) -> Document:
        return await self.db["campaign_calls"].find_one({"_id": row["_id"]})

    async def attempts(self, row: Document) -> list[Document]:
        return await self.db["campaign_attempts"].find({"campaign_call_id": row["_id"]}).to_list()

    async def recover(self, row: Document) -> Document:
        """What a scan does with this row, its lease long over."""
        found = await self.read(row)  # more than `SEEN`, which does no harm
        if found["status"] in ACTIVE:
            adopted = await recovery.adopt(self.ctx, found)
            assert adopted is not None
            await self._as_task(adopted["lease_id"], row["_id"], recovery.recover(self.ctx, adopted))
        return await self.read(row)

    async def _as_task(self, attempt_id: str, row_id: str, work: Awaitable[None]) -> None:
        ended_by: list[BaseException] = []

        async def watched() -> None:
            try:
                await work
            except BaseException as error:
                ended_by.append(error)

        self.ctx.tasks.start(attempt_id, row_id, watched())
        await self.ctx.tasks.settle(60)
        if ended_by:
            raise ended_by[0]

    async def age(self, row: Document, by: timedelta) -> None:
        """Let the lease and the dial be older; an answer stays as fresh as the carrier's own word for it."""
        await _shift(self.db["campaign_calls"], {"_id": row["_id"]}, ("status_changed_at", "lease_expires_at"), by)
        for attempt in await self.attempts(row):
            await _shift(self.db["campaign_attempts"], {"_id": attempt["_id"]}, ("dialled_at",), by)


async def _shift(collection: Any, where: Document, names: tuple[str, ...], by: timedelta) -> None:
    found = await collection.find_one(where) or {}
    older = {name: found[name] - by for name in names if isinstance(found.get(name), datetime)}
    if older:
        await collection.update_one(where, {"$set": older})
