"""`/campaigns`."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any, get_args

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from voxkit.contracts.campaigns import CampaignStatus

from voxbridge.actors import Actor
from voxbridge.audit.authors import by_admin
from voxbridge.audit.service import Author
from voxbridge.campaigns import lifecycle, service, store
from voxbridge.campaigns.live import live_of
from voxbridge.campaigns.models import Campaign, CampaignCreate, CampaignSummary, CampaignUpdate, RestartRequest
from voxbridge.context import Context, get_context
from voxbridge.network import internal_base
from voxbridge.openapi import responses
from voxbridge.pages import Page, PageQuery, page_query, short_page, sort_of
from voxbridge.queries import Words, words, wrong
from voxbridge.render import json_reply
from voxbridge.security import require_admin

router = APIRouter(prefix="/campaigns", tags=["campaigns"])
Ctx = Annotated[Context, Depends(get_context)]
Admin = Annotated[Actor, Depends(require_admin)]
By = Annotated[Author, Depends(by_admin)]
CampaignId = Annotated[str, Path(max_length=64)]
_STATUSES: tuple[str, ...] = get_args(CampaignStatus)


async def _shown(ctx: Context, campaign: dict[str, Any], status: int = 200) -> Response:
    return json_reply(await service.present(ctx, campaign), status=status)


@router.get("", operation_id="campaigns_list", responses=responses())
async def list_campaigns(
    ctx: Ctx,
    _: Admin,
    query: Annotated[PageQuery, Depends(page_query)],
    status: Words = "",
    bot_id: Annotated[str, Query(max_length=64)] = "",
    q: Annotated[str, Query(max_length=120, description="Part of the name, or how the id begins.")] = "",
) -> Page[CampaignSummary]:
    """Newest first. `status`: `draft, running, paused, completed, failed`, several with commas."""
    where: dict[str, Any] = {"bot_id": bot_id} if bot_id else {}
    if asked := words(status):
        if unknown := [word for word in asked if word not in _STATUSES]:
            raise wrong("status", f"has {unknown[0]!r}; known are {', '.join(_STATUSES)}")
        where["status"] = {"$in": list(asked)}
    if q:
        asked_for = re.escape(q.strip())
        where["$or"] = [{"name": {"$regex": asked_for, "$options": "i"}}, {"_id": {"$regex": f"^{asked_for}"}}]
    sort = sort_of(query, ("-created_at", "created_at", "name", "-name", "started_at", "-started_at"), "-created_at")
    rows = await short_page(ctx.db["campaigns"], where, query, sort=sort, shape=lambda row: row, projection=store.BRIEF)
    names = await store.bot_names(ctx, [row["bot_id"] for row in rows.items])

    def shape(row: dict[str, Any]) -> CampaignSummary:
        extra = {"campaign_id": row["_id"], "bot_name": names.get(row["bot_id"]), "always_on": False, **row["config"]}
        return CampaignSummary.model_validate({**row, **extra, "live": live_of(row, ctx.clock())})

    return Page(items=[shape(row) for row in rows.items], page=rows.page, limit=rows.limit, total=rows.total)


@router.post(
    "",
    operation_id="campaigns_create",
    responses=responses(404, body=True),
    response_model=Campaign,
    status_code=201,
)
async def create(ctx: Ctx, author: By, body: CampaignCreate, request: Request) -> Response:
    """404 `bot_not_found`; 422 `number_unknown`: no carrier calls out with it."""
    return await _shown(ctx, await service.create(ctx, author, body, internal_base(request, ctx)), 201)


@router.get("/{campaign_id}", operation_id="campaigns_get", responses=responses(entity=True), response_model=Campaign)
async def get(ctx: Ctx, _: Admin, campaign_id: CampaignId) -> Response:
    return await _shown(ctx, await service.get_campaign(ctx, campaign_id))


@router.patch(
    "/{campaign_id}",
    operation_id="campaigns_update",
    responses=responses(409, entity=True, body=True),
    response_model=Campaign,
)
async def update(ctx: Ctx, author: By, campaign_id: CampaignId, body: CampaignUpdate) -> Response:
    """Draft or paused. 409 `not_editable`, `identity_locked` (name and bot once it has run)."""
    return await _shown(ctx, await service.update(ctx, author, campaign_id, body))


@router.delete(
    "/{campaign_id}", operation_id="campaigns_delete", responses=responses(409, entity=True), status_code=204
)
async def delete(ctx: Ctx, author: By, campaign_id: CampaignId) -> None:
    """A draft that never started, with its contacts. 409 `not_deletable`."""
    await service.delete(ctx, author, campaign_id)


def _action(name: str, *, body: bool = False) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A move of the state machine: it answers the campaign after it, or 409 when its state has no such move."""
    return router.post(
        f"/{{campaign_id}}/{name}",
        operation_id=f"campaigns_{name.replace('-', '_')}",
        responses=responses(409, entity=True, body=body),
        response_model=Campaign,
    )


@_action("start")
async def start(ctx: Ctx, author: By, campaign_id: CampaignId) -> Response:
    """409 `invalid_state`; 409 `cannot_start` with `reasons`."""
    return await _shown(ctx, await lifecycle.start(ctx, author, campaign_id, "start"))


@_action("resume")
async def resume(ctx: Ctx, author: By, campaign_id: CampaignId) -> Response:
    """The same as start, for a campaign that is paused."""
    return await _shown(ctx, await lifecycle.start(ctx, author, campaign_id, "resume"))


@_action("pause")
async def pause(ctx: Ctx, author: By, campaign_id: CampaignId) -> Response:
    """No new dial; live calls go on. 409 `invalid_state`."""
    return await _shown(ctx, await lifecycle.pause(ctx, author, campaign_id))


@_action("stop")
async def stop(ctx: Ctx, author: By, campaign_id: CampaignId) -> Response:
    """The end: waiting contacts become `manual_stopped`, live calls go on. 409 `invalid_state`."""
    return await _shown(ctx, await lifecycle.stop(ctx, author, campaign_id))


@_action("restart", body=True)
async def restart(ctx: Ctx, author: By, campaign_id: CampaignId, body: RestartRequest | None = None) -> Response:
    """Prepare another run; contacts stay as they are until it starts. 409 `invalid_state`."""
    return await _shown(ctx, await lifecycle.restart(ctx, author, campaign_id, body.scope if body else "all"))


@_action("cancel-restart")
async def cancel_restart(ctx: Ctx, author: By, campaign_id: CampaignId) -> Response:
    """Back to the state before the restart. 409 `not_prepared`."""
    return await _shown(ctx, await lifecycle.cancel_restart(ctx, author, campaign_id))


@router.post(
    "/{campaign_id}/clone",
    operation_id="campaigns_clone",
    responses=responses(entity=True),
    response_model=Campaign,
    status_code=201,
)
async def clone(ctx: Ctx, author: By, campaign_id: CampaignId) -> Response:
    """A draft with the same bot, numbers and configuration, without contacts."""
    return await _shown(ctx, await service.clone(ctx, author, campaign_id), 201)
