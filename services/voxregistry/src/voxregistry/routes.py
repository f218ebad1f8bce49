"""The routes for people and dashboards: ordinary FastAPI. Each is one read or one step."""

import asyncio
from contextlib import suppress
from typing import Annotated, Any, get_args

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from voxkit.contracts.base import WorkerId
from voxkit.contracts.errors import ErrorBody
from voxkit.contracts.registry import (
    CampaignId,
    CampaignQuotaPatch,
    CheckView,
    ClientName,
    ClientQuota,
    DrainReply,
    DrainRequest,
    DrainView,
    FleetView,
    HostId,
    InstanceId,
    Pool,
    Quotas,
    ReservationId,
    ReservationView,
    ScaleView,
    SeatPage,
    SeatState,
    SeatView,
)
from voxkit.errors import StoreUnavailable
from voxkit.sse import EventStream

from voxregistry import __version__
from voxregistry.api import Core, Rebuilding, Superseded, Unknown
from voxregistry.events import stream
from voxregistry.metrics import Metrics
from voxregistry.settings import Identity, Role
from voxregistry.store import RETRY

REREAD_S = 1.0  # hundreds who wait, each told of every step of the queue, would be most of the load of a full house
PAGE = 200

PoolName = Annotated[Pool, Query()]


def router(core: Core, metrics: Metrics, image_tag: str) -> APIRouter:
    """All of them, on one registry."""
    api, pools = APIRouter(), core.pools
    errors: dict[int | str, dict[str, Any]] = {code: {"model": ErrorBody} for code in (403, 413, 422, 503)}
    missing: dict[int | str, dict[str, Any]] = {**errors, 404: {"model": ErrorBody}}

    def allowed(*roles: Role) -> Any:
        def admit(request: Request) -> Identity:
            return core.admit(dict(request.scope["headers"]), *roles)

        return Depends(admit)

    read, operator = allowed("worker", "caller"), allowed()

    async def view(pool: str, what: str, **args: Any) -> dict[str, Any]:
        return (await core.store.step("read", pool, {"what": what, **args})).out

    async def set_quota(pool: str, client: str, **args: Any) -> Quotas:
        await core.store.step("quota", pool, {"client": client, **args})
        return _quotas(await view(pool, "quotas"))

    # --- workers ------------------------------------------------------------------------------------------------------

    @api.get("/v1/workers", responses=errors, dependencies=[read])
    async def workers(
        pool: PoolName = "default",
        host_id: HostId | None = None,
        image_tag: Annotated[str | None, Query(max_length=128)] = None,
        state: SeatState | None = None,
        client: ClientName | None = None,
        cursor: WorkerId | None = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = PAGE,
    ) -> SeatPage:
        """The seats of a pool, page by page."""
        filters = {"host_id": host_id, "image_tag": image_tag, "state": state, "client": client}
        out = await view(pool, "workers", **filters, cursor=cursor, limit=limit)
        return SeatPage.model_validate({"items": rows(out["items"]), "cursor": out.get("cursor")})

    @api.get("/v1/workers/{worker_id}", responses=missing, dependencies=[read])
    async def worker(worker_id: WorkerId, pool: PoolName = "default") -> SeatView:
        """One seat."""
        out = await view(pool, "workers", worker_id=worker_id)
        if out["result"] == "unknown":
            raise Unknown("There is no such seat.")
        return SeatView.model_validate(out["view"])

    @api.delete(
        "/v1/workers/{worker_id}", responses={**errors, 409: {"model": ErrorBody}}, dependencies=[allowed("worker")]
    )
    async def leave(worker_id: WorkerId, instance_id: InstanceId, pool: PoolName = "default") -> dict[str, str]:
        """A worker says farewell."""
        reply = await core.store.step("leave", pool, {"worker_id": worker_id, "instance_id": instance_id})
        if reply.result == "superseded":
            raise Superseded()
        return {"status": reply.result}

    # --- reservations -------------------------------------------------------------------------------------------------

    @api.get("/v1/reservations/{reservation_id}", responses=missing, response_model_exclude_none=True)
    async def reservation(
        reservation_id: ReservationId,
        who: Annotated[Identity, allowed("caller")],
        pool: PoolName = "default",
        wait_ms: Annotated[int, Query(ge=0, le=30_000)] = 0,
        state: str | None = None,
        position: int | None = None,
    ) -> ReservationView:
        """What a reservation is. With `wait_ms` as soon as state or seat changes; a change of position within a second.

        `state` (and `position`) are those the caller knows; without them: those at the arrival of the request.
        """
        args = {"what": "reservation", "reservation_id": reservation_id, "only": who.client}
        loop = asyncio.get_running_loop()
        until = loop.time() + wait_ms / 1000
        known: tuple[Any, ...] | None = None
        async with pools.listening(pool, reservation_id) as signal:
            while True:
                signal.clear()
                reply = await core.store.step("read", pool, args)
                if reply.result == "unknown":
                    raise Unknown()
                found = core.view(reply, pool)
                now = (found["state"], found.get("worker_id"), found.get("position"))
                if known is None:
                    known = (state or now[0], now[1], position or now[2])
                left = until - loop.time()
                if now != known or left <= 0 or core.stopping:
                    return ReservationView.model_validate(found)
                with suppress(TimeoutError):
                    async with asyncio.timeout(min(left, REREAD_S)):
                        await signal.wait()

    # --- operators ----------------------------------------------------------------------------------------------------

    @api.post("/v1/drain", responses=errors, dependencies=[operator])
    async def drain(body: DrainRequest, pool: PoolName = "default") -> DrainReply:
        """Grant none of these seats from now on; calls and reservations that stand are honoured."""
        reply = await core.store.step("drain", pool, body.model_dump())
        return DrainReply(selector=body.selector, seats=reply.out["seats"])

    @api.post("/v1/undrain", responses=errors, dependencies=[operator])
    async def undrain(body: DrainRequest, pool: PoolName = "default") -> DrainReply:
        """Lift exactly this drain."""
        reply = await core.store.step("undrain", pool, {"selector": body.selector})
        return DrainReply(selector=body.selector, seats=reply.out["seats"])

    @api.get("/v1/drains", responses=errors, dependencies=[read])
    async def drains(pool: PoolName = "default") -> list[DrainView]:
        """Every drain and how far it is."""
        return [DrainView.model_validate(item) for item in rows((await view(pool, "drains"))["items"])]

    @api.get("/v1/quotas", responses=errors, dependencies=[read])
    async def quotas(pool: PoolName = "default") -> Quotas:
        """The limits of each client, and what it uses."""
        return _quotas(await view(pool, "quotas"))

    @api.put("/v1/quotas", responses=errors, dependencies=[operator])
    async def put_quota(body: ClientQuota, pool: PoolName = "default") -> Quotas:
        """Replace the limits of a client."""
        return await set_quota(pool, body.client, doc=body.model_dump(exclude={"client"}))

    @api.delete("/v1/quotas/{client}", responses=errors, dependencies=[operator])
    async def delete_quota(client: ClientName, pool: PoolName = "default") -> Quotas:
        """The default limits again."""
        return await set_quota(pool, client)

    @api.put("/v1/quotas/{client}/campaigns/{campaign}", responses=errors, dependencies=[operator])
    async def put_campaign(
        client: ClientName, campaign: CampaignId, body: CampaignQuotaPatch, pool: PoolName = "default"
    ) -> Quotas:
        """Change the limits of one campaign; an absent field stays."""
        limits = {
            key: value for key, value in body.model_dump(exclude_unset=True).items() if (key, value) != ("min", None)
        }
        return await set_quota(pool, client, campaign=campaign, limits=limits)

    @api.delete("/v1/quotas/{client}/campaigns/{campaign}", responses=errors, dependencies=[operator])
    async def delete_campaign(client: ClientName, campaign: CampaignId, pool: PoolName = "default") -> Quotas:
        """No limits for this campaign."""
        return await set_quota(pool, client, campaign=campaign)

    @api.get("/v1/fleet", responses=errors, dependencies=[read])
    async def fleet(pool: PoolName = "default") -> FleetView:
        """The pool in figures."""
        out = await view(pool, "fleet")
        return FleetView.model_validate({**out, "pool": pool, "hosts": rows(out["hosts"])})

    @api.get("/v1/scale", responses=errors, dependencies=[read])
    async def scale(pool: PoolName = "default", warm: Annotated[int, Query(ge=0, le=100_000)] = 2) -> ScaleView:
        """How many seats are needed now. In doubt 503, never a low number."""
        out = await view(pool, "counts")
        if out["status"] != "ok":
            raise Rebuilding("The number of calls is not known yet.", headers=RETRY)
        figures = {name: out[name] for name in ("free", "waiting", "needed")}
        return ScaleView(desired=out["needed"] + warm, seats=out["seats"] - out["lost"], **figures)

    @api.get("/v1/check", responses=errors, dependencies=[operator])
    async def check(pool: PoolName = "default") -> CheckView:
        """Recompute every index from the records, slice by slice."""
        found = await pools.check(pool)
        return CheckView(ok=not found, findings=found)

    @api.get("/v1/events", responses=errors, dependencies=[read], response_class=EventStream)
    async def events(
        request: Request,
        pool: PoolName = "default",
        types: str = "",
        client: str = "",
        host_id: str = "",
    ) -> EventStream:
        """Server-sent events. `Last-Event-ID` resumes; `reset`: older ones are gone, read `/v1/fleet` again."""
        wanted = frozenset(name for name in types.split(",") if name)
        last_id = request.headers.get("last-event-id")
        messages = stream(core, pool, last_id, wanted, {"client": client, "host_id": host_id})
        return EventStream(messages, metrics.sse_clients)

    # --- probes -------------------------------------------------------------------------------------------------------

    @api.get("/health", response_model=None)
    async def health() -> JSONResponse:
        """200 while the store answers."""
        shown: dict[str, Any] = {}
        body = {"status": "ok", "store": "ok", "version": __version__, "image_tag": image_tag, "pools": shown}
        try:
            for name in pools.names or ["default"]:
                shown[name] = (await view(name, "counts"))["status"]
        except StoreUnavailable:
            return JSONResponse({**body, "status": "error", "store": "away"}, 503, headers=RETRY)
        return JSONResponse(body)

    @api.get("/ready", response_model=None)
    async def ready() -> JSONResponse:
        """200 once the library is loaded, 503 again while this process stops."""
        return JSONResponse({"status": "ok" if core.ready else "starting"}, 200 if core.ready else 503)

    @api.get("/metrics", response_class=PlainTextResponse)
    async def page() -> Response:
        """Prometheus text."""
        figures: dict[str, dict[str, Any]] = {}
        with suppress(StoreUnavailable):
            for name in pools.names:
                counts, limits = await view(name, "counts"), await view(name, "quotas")
                figures[name] = {
                    **counts,
                    "seats_by": {state: counts[state] for state in get_args(SeatState)},
                    "oldest_beat_s": counts["oldest_beat_ms"] / 1000,
                    "used": limits["used"],
                    "quotas": quotas_of(limits),
                    "findings": pools.of(name).findings,
                }
        return Response(metrics.page(figures), media_type="text/plain; version=0.0.4; charset=utf-8")

    return api


def rows(value: Any) -> list[Any]:
    """A list as Lua writes it: an empty one looks like an empty object."""
    return value or []


def _quotas(out: dict[str, Any]) -> Quotas:
    items: list[dict[str, Any]] = []
    for client, doc in quotas_of(out).items():
        used: dict[str, int] = out["campaigns"][client]
        limits: dict[str, dict[str, Any]] = doc["campaigns"]
        campaigns = {name: {**limit, "used": used[name]} for name, limit in limits.items()}
        items.append({**doc, "client": client, "used": out["used"][client], "campaigns": campaigns})
    return Quotas.model_validate({"items": items, "overcommitted": out["overcommitted"]})


def quotas_of(out: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Client -> its limits, by name, without those that were taken back."""
    docs: dict[str, dict[str, Any]] = out["quotas"]
    return {client: doc for client, doc in sorted(docs.items()) if "deleted" not in doc}
