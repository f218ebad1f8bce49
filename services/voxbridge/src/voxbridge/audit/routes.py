"""`/audit-log`."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from voxbridge.actors import Actor
from voxbridge.audit import store
from voxbridge.audit.models import AuditEntry
from voxbridge.context import Context, get_context
from voxbridge.openapi import responses
from voxbridge.pages import Page, PageQuery, page, page_query, sort_of
from voxbridge.security import require_super_admin

router = APIRouter(prefix="/audit-log", tags=["audit"])
Text = Annotated[str | None, Query(max_length=128)]


@router.get("", operation_id="audit_list", responses=responses())
async def list_entries(
    ctx: Annotated[Context, Depends(get_context)],
    _: Annotated[Actor, Depends(require_super_admin)],
    query: Annotated[PageQuery, Depends(page_query)],
    actor_id: Text = None,
    action: Text = None,
    entity_type: Text = None,
    entity_id: Text = None,
) -> Page[AuditEntry]:
    """What was changed, newest first."""
    asked = {"actor_id": actor_id, "action": action, "entity_type": entity_type, "entity_id": entity_id}
    whole = {field: value for field, value in asked.items() if value is not None}
    # One index serves the page; the other conditions are judged on the rows that it returns.
    if {"entity_type", "entity_id"} <= whole.keys():
        where = {field: whole[field] for field in ("entity_type", "entity_id")}
    else:
        where = {field: whole[field] for field in ("actor_id",) if field in whole}

    def keep(row: dict[str, Any]) -> bool:
        return all(row[field] == value for field, value in whole.items())

    return await page(
        ctx,
        store.collection(ctx.db),
        where,
        query,
        sort=sort_of(query, ("-at", "at"), "-at"),
        shape=AuditEntry.model_validate,
        keep=keep if whole != where else None,
        count_where=whole,
    )
