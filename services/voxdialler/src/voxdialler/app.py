"""The process: everything opened in order, and how it stops."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from fastapi import FastAPI
from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError
from voxkit.errors import ConfigurationError
from voxkit.http import internal_client
from voxkit.log import get_logger
from voxkit.metrics import new_registry
from voxkit.mongodb import open_mongodb
from voxkit.netguard import Allowlist
from voxkit.registry import RegistryClient
from voxkit.web import RequestContext, install_errors

import voxdialler
from voxdialler import events, health, lease, rows
from voxdialler.breaker import Breakers
from voxdialler.capacity import Capacity
from voxdialler.context import Context
from voxdialler.leader import HostLock, Leader
from voxdialler.live import Panels
from voxdialler.loop import Loop
from voxdialler.metrics import Metrics
from voxdialler.numbers import Buckets, NumberBook
from voxdialler.originate.accounts import Accounts
from voxdialler.originate.livekit_sip import LivekitSip, open_server
from voxdialler.originate.ways import Ways
from voxdialler.settings import DiallerSettings
from voxdialler.tasks import Tasks

Document = dict[str, Any]
WAIT_S = 30.0
HANG_UP_WITHIN_S = 3.0
log = get_logger("voxdialler.app")
INDEXES = {
    "campaign_calls": ("due", "status_changed_at", "phone_key"),
    "campaign_attempts": ("campaign_dialled_at", "contact"),
}
"""What the loop's queries stand on; voxbridge makes them at its start."""


def open_mongo(settings: DiallerSettings) -> AsyncMongoClient[Document]:
    """A client whose writes are journalled by a majority, each within 5 s. Raises: ConfigurationError."""
    return open_mongodb(settings.mongodb_uri, appname="voxdialler", w="majority", journal=True)


async def wait_for_store(db: Any) -> None:
    """The server answers and voxbridge has made its indexes. Raises: ConfigurationError after 30 s: one line."""
    deadline, missing = time.monotonic() + WAIT_S, ""
    while True:
        try:
            missing = await missing_index(db)
            if not missing:
                return
            why = f"the index {missing} is missing in the database {db.name}; start voxbridge on the same MONGODB_DB"
        except (PyMongoError, TimeoutError) as error:
            why = f"MongoDB cannot be reached ({str(error).split(',')[0][:150]}); start it, or set MONGODB_URI"
        if time.monotonic() >= deadline:
            raise ConfigurationError(why)
        await asyncio.sleep(0.5)


async def missing_index(db: Any) -> str:
    """`collection.index` of the first that is not there; empty when all are."""
    for collection, wanted in INDEXES.items():
        there = {index["name"] async for index in await db[collection].list_indexes()}
        for name in wanted:
            if name not in there:
                return f"{collection}.{name}"
    return ""


class Dialler:
    """A whole process. `ctx` and `loop` are there while `running()` is entered."""

    ctx: Context
    loop: Loop

    def __init__(self, settings: DiallerSettings) -> None:
        self.settings = settings
        self.mongo = open_mongo(settings)
        self.app = FastAPI(title="voxdialler", version=voxdialler.__version__, docs_url=None, redoc_url=None)
        self.ctx = self._context()
        self.loop = Loop(self.ctx)
        install_errors(self.app, with_detail=False)
        self.app.add_middleware(RequestContext, quiet=("/health", "/ready", "/metrics", "/metrics.json"))
        self.app.include_router(events.router(self.ctx))
        self.app.include_router(health.router(self.ctx, self.loop))

    def _context(self) -> Context:
        settings, monotonic = self.settings, time.monotonic
        db = self.mongo[settings.mongodb_db]
        prometheus = new_registry()
        metrics = Metrics(prometheus)
        http = internal_client(settings.secrets[0], connect_s=2.0, total_s=10.0)
        registry = None
        if settings.pool:
            pool, url = settings.pool
            registry = RegistryClient(url, settings.secrets[0], client=settings.deployment_name, pool=pool)
        accounts = Accounts(http, settings.voxbridge_url, Allowlist.parse(settings.outbound_url_allowlist))
        livekit = None
        if settings.livekit_url:
            server = open_server(settings.livekit_url, settings.livekit_api_key, settings.livekit_api_secret)
            livekit = LivekitSip(server, now=lambda: self.ctx.now())
        capacity = Capacity(
            registry, http, fallback=settings.fleet_fallback == "poll", poll_s=settings.fleet_poll_seconds,
            timeout_s=settings.fleet_health_timeout_seconds, clock=monotonic,
        )  # fmt: skip
        return Context(
            settings=settings,
            db=db,
            http=http,
            registry=registry,
            prometheus=prometheus,
            metrics=metrics,
            breakers=Breakers(
                db["breakers"], lambda: self.ctx.now(), lambda kind: metrics.breaker_trips.labels(kind).inc()
            ),
            buckets=Buckets(monotonic),
            numbers=NumberBook(db["number_usage"]),
            leader=Leader(
                db["locks"], settings.dialler_instance_id, HostLock(settings.dialler_lock_file), clock=monotonic,
            ),
            tasks=Tasks(monotonic),
            marks=lease.Marks(),
            capacity=capacity,
            panels=Panels(db["campaigns"], db["campaign_attempts"]),
            accounts=accounts,
            originators=Ways(
                accounts, open_media=self._open_media, now=lambda: self.ctx.now(),
                public_url=settings.dialler_public_url, poll_s=settings.carrier_poll_seconds, livekit=livekit,
            ),
            monotonic=monotonic,
        )  # fmt: skip

    def _open_media(self) -> tuple[str, str]:
        """Base and token of media sockets for calls without a reserved seat (O3)."""
        stored = self.loop.reader.settings
        hosts = self.settings.fleet_hosts or stored.get("core_fleet") or []
        freest = max(self.ctx.capacity.seats.hosts, key=lambda host: host[1], default=None)
        base = stored.get("public_wss_base") or (freest[0] if freest else next(iter(hosts), ""))
        return str(base), self.settings.media_token

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[Dialler]:
        """Leading or standing by. Raises: ConfigurationError: one line for the operator."""
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self.mongo.close)
            stack.push_async_callback(self.ctx.http.aclose)
            if self.ctx.registry is not None:
                stack.push_async_callback(self.ctx.registry.aclose)
            stack.push_async_callback(self.ctx.originators.aclose)
            await wait_for_store(self.ctx.db)
            work = [
                asyncio.create_task(self.ctx.leader.run(), name="leader"),
                asyncio.create_task(self.loop.keep_leases(), name="leases"),
                asyncio.create_task(self.loop.run(), name="loop"),
            ]
            stack.push_async_callback(_end, work)
            stack.push_async_callback(self.ctx.tasks.cancel)
            log.info("voxdialler.ready", version=voxdialler.__version__, image_tag=self.settings.vox_image_tag)
            yield self

    async def stop(self, *, at_once: bool = False) -> None:
        """SIGTERM: give back what was not dialled, hand over, carry ringing calls to their end.

        `at_once` (SIGINT): hang them up instead, within 4 s.
        """
        ctx = self.ctx
        self.loop.stopping = True
        try:
            await ctx.leader.release()  # from here on nothing is placed any more
            await self._give_back_leased()
        except PyMongoError as error:
            log.warning("leader.not_released", error=type(error).__name__)
        if at_once:
            await asyncio.gather(
                *(ctx.originators.hang_up(attempt, "the dialler stops") for attempt in ctx.tasks.contacts().values()),
                return_exceptions=True,
            )
        await ctx.tasks.settle(HANG_UP_WITHIN_S if at_once else ctx.settings.ring_timeout_seconds + 30)

    async def _give_back_leased(self) -> None:
        ctx = self.ctx
        async for row in ctx.db["campaign_calls"].find({"status": "leased"}):
            if row.get("lease_owner") == ctx.lease_owner:
                try:
                    await lease.give_back(ctx, row)
                except rows.LeaseLost as lost:  # its dial went on meanwhile
                    log.info("lease.not_given_back", campaign_call_id=row["_id"], why=str(lost))


async def _end(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
