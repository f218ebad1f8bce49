"""`/fleet`: how full it is, and what operators tell the capacity registry."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from voxbridge.actors import Actor
from voxbridge.audit.authors import by_super_admin
from voxbridge.audit.service import Author
from voxbridge.context import Context, get_context
from voxbridge.fleet import figures, operators
from voxbridge.fleet.models import (
    DrainBody,
    DrainDone,
    DrainShown,
    FleetStatus,
    QuotaBody,
    QuotasShown,
    UndrainBody,
)
from voxbridge.openapi import responses
from voxbridge.pages import Page, PageQuery, page_query
from voxbridge.security import require_admin

router = APIRouter(prefix="/fleet", tags=["fleet"])
Ctx = Annotated[Context, Depends(get_context)]
Admin = Annotated[Actor, Depends(require_admin)]
By = Annotated[Author, Depends(by_super_admin)]
PoolName = Annotated[
    str | None,
    Query(max_length=32, description="One pool of `REGISTRY_POOLS`; absent: all of them.", examples=["default"]),
]


@router.get("/status", operation_id="fleet_status", responses=responses())
async def status(ctx: Ctx, _: Admin) -> FleetStatus:
    """From the registry while it answers (`source`), else from the hosts themselves."""
    return await figures.status(ctx)


@router.post("/drain", operation_id="fleet_drain", responses=responses(body=True))
async def drain(ctx: Ctx, author: By, body: DrainBody, pool: PoolName = None) -> DrainDone:
    """Grant none of these seats from now on. 503 `registry_unavailable`."""
    return await operators.drain(ctx, author, body.selector, body.reason, pool)


@router.post("/undrain", operation_id="fleet_undrain", responses=responses(body=True))
async def undrain(ctx: Ctx, author: By, body: UndrainBody, pool: PoolName = None) -> DrainDone:
    """Lift exactly this drain. 503 `registry_unavailable`."""
    return await operators.undrain(ctx, author, body.selector, pool)


@router.get("/drains", operation_id="fleet_drains", responses=responses())
async def drains(
    ctx: Ctx, _: Admin, query: Annotated[PageQuery, Depends(page_query)], pool: PoolName = None
) -> Page[DrainShown]:
    """Every drain, how far it is, and when its last call may end. 503 `registry_unavailable`."""
    found = await operators.drains(ctx, pool)
    begin = (query.page - 1) * query.limit
    return Page(items=found[begin : begin + query.limit], page=query.page, limit=query.limit, total=len(found))


@router.get("/quotas", operation_id="fleet_quotas", responses=responses())
async def quotas(ctx: Ctx, _: Admin, pool: PoolName = None) -> QuotasShown:
    """The limits of each client and what it uses. 503 `registry_unavailable`."""
    return await operators.quotas(ctx, pool)


@router.put("/quotas", operation_id="fleet_put_quota", responses=responses(body=True))
async def put_quota(ctx: Ctx, author: By, body: QuotaBody, pool: PoolName = None) -> QuotasShown:
    """Replace the whole limits of one client. Calls that run are never cut. 503 `registry_unavailable`."""
    return await operators.put_quota(ctx, author, body, pool)
