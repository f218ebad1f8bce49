"""`/bots`."""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Response

from voxbridge.actors import Actor
from voxbridge.bots import service, store
from voxbridge.bots.models import (
    BotCreate,
    BotReply,
    BotSummary,
    BotUpdate,
    BrowserCall,
    BrowserCallRequest,
    SocketUrls,
)
from voxbridge.context import Context, get_context
from voxbridge.openapi import responses
from voxbridge.pages import Page, PageQuery, page_query, short_page, sort_of
from voxbridge.render import json_reply
from voxbridge.security import require_admin

router = APIRouter(prefix="/bots", tags=["bots"])
Ctx = Annotated[Context, Depends(get_context)]
Admin = Annotated[Actor, Depends(require_admin)]
BotId = Annotated[str, Path(max_length=64, examples=["demo"])]


@router.get("", operation_id="bots_list", responses=responses())
async def list_bots(
    ctx: Ctx,
    _: Admin,
    query: Annotated[PageQuery, Depends(page_query)],
    q: Annotated[str, Query(max_length=120, description="Part of the name.")] = "",
    is_active: bool | None = None,
) -> Page[BotSummary]:
    where: dict[str, Any] = {} if is_active is None else {"is_active": is_active}
    if q:
        where["name"] = {"$regex": re.escape(q), "$options": "i"}
    locked = await store.locked_bots(ctx)

    def shape(row: dict[str, Any]) -> BotSummary:
        return BotSummary.model_validate({**row, "bot_id": row["_id"], "locked": row["_id"] in locked})

    sort = sort_of(query, ("name", "-name", "updated_at", "-updated_at"), "name")
    return await short_page(ctx.db["bots"], where, query, sort=sort, shape=shape, projection=store.BRIEF)


@router.post(
    "", operation_id="bots_create", responses=responses(409, body=True), response_model=BotReply, status_code=201
)
async def create(ctx: Ctx, actor: Admin, body: BotCreate) -> Response:
    return json_reply(await service.present(ctx, await service.create(ctx, actor, body)), status=201)


@router.get("/{bot_id}", operation_id="bots_get", responses=responses(entity=True), response_model=BotReply)
async def get(ctx: Ctx, _: Admin, bot_id: BotId) -> Response:
    return json_reply(await service.present(ctx, await service.get_bot(ctx, bot_id)))


@router.put(
    "/{bot_id}",
    operation_id="bots_update",
    responses=responses(409, entity=True, body=True),
    response_model=BotReply,
)
async def update(
    ctx: Ctx,
    actor: Admin,
    bot_id: BotId,
    body: BotUpdate,  # pyright: ignore[reportInvalidTypeForm] - a class made by create_model
) -> Response:
    """Each field present replaces the stored one whole. 409 `bot_locked` (with `campaigns`) or `revision_conflict`."""
    return json_reply(await service.present(ctx, await service.update(ctx, actor, bot_id, body)))


@router.delete("/{bot_id}", operation_id="bots_delete", responses=responses(409, entity=True), status_code=204)
async def delete(ctx: Ctx, actor: Admin, bot_id: BotId) -> None:
    """Calls of the bot stay. 409 `bot_locked` or `bot_in_use`."""
    await service.delete(ctx, actor, bot_id)


@router.post(
    "/{bot_id}/clone",
    operation_id="bots_clone",
    responses=responses(entity=True),
    response_model=BotReply,
    status_code=201,
)
async def clone(ctx: Ctx, actor: Admin, bot_id: BotId) -> Response:
    """A copy with a new id and a new widget key; calls, campaigns, numbers and caches are not copied."""
    return json_reply(await service.present(ctx, await service.clone(ctx, actor, bot_id)), status=201)


@router.get("/{bot_id}/wss-url", operation_id="bots_wss_url", responses=responses(entity=True))
async def wss_url(ctx: Ctx, _: Admin, bot_id: BotId) -> SocketUrls:
    """Where a carrier connects its media socket. 503 `no_fleet`."""
    return SocketUrls.model_validate(await service.socket_urls(ctx, bot_id))


@router.post(
    "/{bot_id}/browser-call",
    operation_id="bots_browser_call",
    responses=responses(429, entity=True, body=True),
    status_code=201,
)
async def browser_call(ctx: Ctx, _: Admin, bot_id: BotId, body: BrowserCallRequest | None = None) -> BrowserCall:
    """A test call with the browser's microphone: the client sends `context_id` as `_context` of its first frame.

    503 `no_capacity`, `registry_unavailable`, `no_fleet`, `no_healthy_fleet`; 429 `quota_exceeded`."""
    variables = body.variables if body else {}
    return BrowserCall.model_validate(await service.browser_call(ctx, bot_id, variables))
