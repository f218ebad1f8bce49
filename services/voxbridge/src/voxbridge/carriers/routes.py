"""`/carriers`, and their credentials for voxdialler."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Response
from voxkit.carriers import CarrierAccess

from voxbridge.actors import Actor
from voxbridge.audit.authors import by_super_admin
from voxbridge.audit.service import Author
from voxbridge.carriers import dids, service
from voxbridge.carriers.models import Carrier, CarrierCreate, CarrierUpdate, DidFields, DidUpdate
from voxbridge.context import Context, get_context
from voxbridge.openapi import responses
from voxbridge.pages import Page, PageQuery, page_query, short_page, sort_of
from voxbridge.security import require_admin, require_secret, require_super_admin

router = APIRouter(tags=["carriers"])
Ctx = Annotated[Context, Depends(get_context)]
Admin = Annotated[Actor, Depends(require_admin)]
By = Annotated[Author, Depends(by_super_admin)]
CarrierId = Annotated[str, Path(max_length=64)]
DidId = Annotated[str, Path(max_length=64)]


async def _shown(ctx: Context, carrier: dict[str, Any]) -> Carrier:
    [shown] = await service.present(ctx, [carrier])
    return Carrier.model_validate(shown)


@router.get("/carriers", operation_id="carriers_list", responses=responses())
async def list_carriers(ctx: Ctx, _: Admin, query: Annotated[PageQuery, Depends(page_query)]) -> Page[Carrier]:
    """By name; `sort` = `name`, `-name`, `created_at`, `-created_at`."""
    sort = sort_of(query, ("name", "-name", "created_at", "-created_at"), "name")
    found = await short_page(ctx.db["carriers"], {}, query, sort=sort, shape=dict)
    items = [Carrier.model_validate(shown) for shown in await service.present(ctx, found.items)]
    return Page(items=items, page=found.page, limit=found.limit, total=found.total)


@router.post("/carriers", operation_id="carriers_create", responses=responses(404, 409, body=True), status_code=201)
async def create(ctx: Ctx, author: By, body: CarrierCreate) -> Carrier:
    """409 `name_taken`, `number_taken`; 404 `bot_not_found`. A carrier over LiveKit is saved as `pending`."""
    return await _shown(ctx, await service.create(ctx, author, body))


@router.get("/carriers/{carrier_id}", operation_id="carriers_get", responses=responses(entity=True))
async def get(ctx: Ctx, _: Admin, carrier_id: CarrierId) -> Carrier:
    return await _shown(ctx, await service.get_carrier(ctx, carrier_id))


@router.put("/carriers/{carrier_id}", operation_id="carriers_update", responses=responses(409, entity=True, body=True))
async def update(ctx: Ctx, author: By, carrier_id: CarrierId, body: CarrierUpdate) -> Carrier:
    """409 `in_use`: a running or paused campaign needs what would change (name, rates and secrets may change at any
    time); `name_taken`, `number_taken`, `managed_elsewhere`. 422 `secret_required`: its API moved, its secrets too."""
    return await _shown(ctx, await service.update(ctx, author, carrier_id, body))


@router.delete(
    "/carriers/{carrier_id}", operation_id="carriers_delete", responses=responses(409, entity=True), status_code=204
)
async def delete(ctx: Ctx, author: By, carrier_id: CarrierId) -> None:
    """Its numbers go with it. 409 `in_use`, `managed_elsewhere`."""
    await service.delete(ctx, author, carrier_id)


@router.post("/carriers/{carrier_id}/sync", operation_id="carriers_sync", responses=responses(502, entity=True))
async def sync(ctx: Ctx, _: Annotated[Actor, Depends(require_super_admin)], carrier_id: CarrierId) -> Carrier:
    """A `websocket_carrier` needs none and is returned. 503 `livekit_not_configured`."""
    return await _shown(ctx, await service.sync(ctx, carrier_id))


@router.post(
    "/carriers/{carrier_id}/dids",
    operation_id="carriers_add_did",
    responses=responses(409, entity=True, body=True),
    status_code=201,
)
async def add_did(ctx: Ctx, author: By, carrier_id: CarrierId, body: DidFields) -> Carrier:
    """409 `number_taken`: each number belongs to one carrier."""
    return await _shown(ctx, await dids.add(ctx, author, carrier_id, body))


@router.put(
    "/carriers/{carrier_id}/dids/{did_id}",
    operation_id="carriers_update_did",
    responses=responses(409, entity=True, body=True),
)
async def update_did(
    ctx: Ctx,
    author: By,
    carrier_id: CarrierId,
    did_id: DidId,
    body: DidUpdate,
) -> Carrier:
    """409 `in_use`: a running or paused campaign calls from it, and could not any more; `number_taken`."""
    return await _shown(ctx, await dids.update(ctx, author, carrier_id, did_id, body))


@router.delete(
    "/carriers/{carrier_id}/dids/{did_id}",
    operation_id="carriers_delete_did",
    responses=responses(409, entity=True),
    status_code=204,
)
async def delete_did(ctx: Ctx, author: By, carrier_id: CarrierId, did_id: DidId) -> None:
    """409 `in_use`."""
    await dids.delete(ctx, author, carrier_id, did_id)


@router.get(
    "/internal/carriers/{carrier_id}/credentials",
    operation_id="carriers_credentials",
    responses=responses(entity=True),
)
async def credentials(
    ctx: Ctx, _: Annotated[Actor, Depends(require_secret)], carrier_id: CarrierId, response: Response
) -> CarrierAccess:
    """What opens the API of a `websocket_carrier`, in clear. 404: it has none."""
    response.headers["Cache-Control"] = "no-store"
    return await service.credentials(ctx, carrier_id)
