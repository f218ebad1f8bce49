"""The dialler's own process without its HTTP side, on an embedded store, with a carrier and a fleet that cost nothing.

Everything between is the product: the loop, the leases, the checks before a dial, the buckets, the settling.
"""

from __future__ import annotations

import asyncio
import os
import time
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.utils import format_datetime
from types import SimpleNamespace
from typing import Any

import httpx
import pymongo
from voxbridge.bulk import insert_missing
from voxbridge.campaigns.store import INDEXES as OF_CAMPAIGNS
from voxbridge.contacts.store import INDEXES as OF_CONTACTS
from voxbridge.stores import make_indexes
from voxdialler.app import Dialler
from voxdialler.originate.ways import Ways
from voxdialler.settings import DiallerSettings
from voxkit.campaigns import contact_id
from voxkit.carriers import CarrierTraits
from voxkit.clock import utc_now
from voxkit.contracts.campaigns import CampaignConfig
from voxkit.contracts.carrier import CarrierAccepted, CarrierCall, CarrierDial

Document = dict[str, Any]
OUR_NUMBER = "+15550199"
INSERTED_AT_ONCE, INSERT_S = 2_000, 300.0
SECRET = "bench-service-secret"  # noqa: S105  (of a service that lives as long as the bench)


class BusyCarrier:
    """Takes every order and says after `rings_s` that the callee is busy. `placed_at`: of each order, monotonic."""

    traits = CarrierTraits(amd=True)

    def __init__(self, rings_s: float) -> None:
        self.rings_s = rings_s
        self.placed_at: list[float] = []
        self.ordered: list[str] = []
        self._calls: dict[str, tuple[float, CarrierCall]] = {}

    async def place(self, dial: CarrierDial, key: str) -> CarrierAccepted:
        """Raises: AssertionError: the same attempt came twice."""
        assert key not in self._calls, "an attempt was ordered twice"
        self.placed_at.append(time.monotonic())
        self.ordered.append(dial.to)
        now = utc_now()
        call = CarrierCall.model_validate(
            {
                "call_ref": f"c-{len(self.placed_at)}", "client_ref": key, "seq": 1, "status": "ringing",
                "to": dial.to, "from": dial.from_, "created_at": now, "ringing_at": now,
            }
        )  # fmt: skip
        self._calls[key] = time.monotonic(), call
        return CarrierAccepted(call_ref=call.call_ref, client_ref=key, created_at=now)

    async def find(self, client_refs: Sequence[str]) -> list[CarrierCall]:
        found = []
        for ref in client_refs:
            if ref not in self._calls:
                continue
            began, call = self._calls[ref]
            if time.monotonic() - began >= self.rings_s:
                over = {"seq": 2, "status": "completed", "result": "busy", "ended_at": utc_now()}
                call = call.model_copy(update=over)
                self._calls.pop(ref)  # it is asked for no more
            found.append(call)
        return found

    async def hang_up(self, call_ref: str, reason: str) -> None:
        return None

    async def aclose(self) -> None:
        return None


class Fleet:
    """What `voxdialler.capacity` would know: so many seats are free, each time one looks."""

    by_fallback, age_s = False, 0.0

    def __init__(self, free: int) -> None:
        self.free = free
        self.seats = SimpleNamespace(source="registry", seats=free, free=free, hosts=())

    async def look(self, hosts: Sequence[str]) -> bool:
        return True

    def refused(self, scope: str) -> None:
        return None

    def is_refused(self, scope: str) -> bool:
        return False

    was_refused = is_refused


class Bench:
    """`dialler`: the process; `carrier` and `fleet` as above; `db`: its store."""

    def __init__(self, uri: str, name: str, *, rings_s: float, folder: str) -> None:
        settings = DiallerSettings(
            _env_file=None, mongodb_uri=uri, mongodb_db=f"bench_{name}", voxcore_secret=SECRET, registry_url="",
            carrier_poll_seconds=0.5, dialler_lock_file=os.path.join(folder, "lock"),
        )  # fmt: skip
        self.carrier, self.fleet = BusyCarrier(rings_s), Fleet(0)
        self.dialler = Dialler(settings)
        ctx = self.dialler.ctx
        self.db = ctx.db
        accounts: Any = SimpleNamespace(access=self._access, client=self._client, aclose=self._nothing)
        ctx.accounts = accounts
        ctx.capacity = self.fleet  # pyright: ignore[reportAttributeAccessIssue] - as far as the loop asks
        ctx.leader = SimpleNamespace(  # pyright: ignore[reportAttributeAccessIssue] - nobody else is there
            is_leader=True, lease_owner=f"bench:{uuid.uuid4().hex}#1", epoch=1, former="none"
        )
        ctx.http = httpx.AsyncClient(transport=httpx.MockTransport(_healthy))
        ctx.originators = Ways(accounts, open_media=lambda: ("https://fleet.test", "token"), now=utc_now, poll_s=0.5)

    async def _access(self, carrier_id: str) -> Any:
        return SimpleNamespace(api_token=SECRET)

    async def _client(self, carrier_id: str) -> BusyCarrier:
        return self.carrier

    async def _nothing(self) -> None:
        return None

    async def carrier_of(self, *, cps: float, burst: int, channels: int) -> None:
        """The one carrier, at this rate."""
        document: Document = {
            "_id": "k1", "name": "net", "originate": "websocket_carrier", "rest": {"adapter": "voxphone"},
            "outbound_cps": cps, "outbound_burst": burst, "outbound_channels": channels,
            "dids": [{"number": OUR_NUMBER, "phone_key": OUR_NUMBER[1:], "direction": "both"}],
        }  # fmt: skip
        await self.db["carriers"].replace_one({"_id": "k1"}, document, upsert=True)
        bot: Document = {"_id": "demo", "bot_id": "demo", "is_active": True, "timezone": "UTC"}
        await self.db["bots"].replace_one({"_id": "demo"}, bot, upsert=True)

    async def campaigns(self, count: int, contacts: int, *, limit: int = 200, name: str = "c") -> list[Document]:
        """Running campaigns with so many contacts each, of which nobody was called."""
        made = []
        for number in range(count):
            made.append(await self.campaign(f"{name}{number}", limit))
            await self.contacts(made[-1], contacts, first=number * contacts)
        return made

    async def campaign(self, campaign_id: str, limit: int) -> Document:
        config = CampaignConfig.model_validate(
            {
                "campaign_mode": "multi_day", "concurrency_limit": limit,
                "time_window": {"start": "00:00", "end": "00:00", "timezone": "UTC"},
                "redial_rules": {"max_attempts": 2, "retry_on_system": ["rejected"], "retry_delay_minutes": 60},
            }
        )  # fmt: skip
        document: Document = {
            "_id": campaign_id, "name": campaign_id, "bot_id": "demo", "status": "running", "run_number": 1,
            "number_pool": [OUR_NUMBER], "config": config.model_dump(), "config_url": "http://bridge.test/config",
            "run_window": None, "completion_reason": None, "started_at": utc_now(), "prepared_run": None,
        }  # fmt: skip
        await self.db["campaigns"].insert_one(document)
        return document

    async def contacts(self, campaign: Document, count: int, *, first: int) -> None:
        now = utc_now()
        rows = [
            {
                "_id": contact_id(campaign["_id"], key), "campaign_id": campaign["_id"], "run_number": 1,
                "row_no": row_no, "phone_number": f"+{key}", "phone_key": key, "variables": {"name": "Ana"},
                "status": "pending", "status_changed_at": now, "next_retry_at": None, "attempt_count": 0,
                "source": "csv", "created_at": now, "updated_at": now,
            }
            for row_no in range(1, count + 1)
            for key in [f"4915{first + row_no:09d}"]
        ]  # fmt: skip
        for at in range(0, count, INSERTED_AT_ONCE):
            # A batch whose answer was lost is sent again by the driver: then its rows stand there already.
            await insert_missing(self.db["campaign_calls"], rows[at : at + INSERTED_AT_ONCE])

    async def prepare(self) -> None:
        """The indexes that voxbridge makes, in a database that is new."""
        with pymongo.timeout(INSERT_S):
            await make_indexes(self.db, [*OF_CAMPAIGNS, *OF_CONTACTS])


def _healthy(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, headers={"Date": format_datetime(datetime.now(UTC), usegmt=True)})


@asynccontextmanager
async def opened(uri: str, name: str, *, rings_s: float, folder: str) -> AsyncIterator[Bench]:
    """A dialler whose leases are renewed; its loop is turned by whoever measures."""
    bench = Bench(uri, name, rings_s=rings_s, folder=folder)
    await bench.prepare()
    renewing = asyncio.create_task(bench.dialler.loop.keep_leases())
    try:
        yield bench
    finally:
        renewing.cancel()
        await bench.dialler.ctx.tasks.cancel()
        await bench.dialler.ctx.originators.aclose()
        await bench.dialler.mongo.close()
