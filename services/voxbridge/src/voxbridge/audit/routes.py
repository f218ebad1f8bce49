"""`/audit-log`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from voxbridge.actors import Actor
from voxbridge.audit import listing
from voxbridge.audit.authors import by_super_admin
from voxbridge.audit.listing import AuditFilters
from voxbridge.audit.models import AuditEntry
from voxbridge.audit.service import Author
from voxbridge.context import Context, get_context
from voxbridge.limits import EXPORT_USER, hit
from voxbridge.openapi import responses
from voxbridge.pages import Page, PageQuery, page_query
from voxbridge.queries import Day, moment
from voxbridge.security import require_super_admin
from voxbridge.sheets import CSV_REPLY, csv_reply

router = APIRouter(prefix="/audit-log", tags=["audit"])
Ctx = Annotated[Context, Depends(get_context)]
Text = Annotated[str | None, Query(max_length=128)]


def filters_of(
    actor_id: Text = None,
    action: Text = None,
    entity_type: Text = None,
    entity_id: Text = None,
    date_from: Day = "",
    date_to: Day = "",
) -> AuditFilters:
    return AuditFilters(
        actor_id, action, entity_type, entity_id, moment("date_from", date_from), moment("date_to", date_to, end=True)
    )


Filters = Annotated[AuditFilters, Depends(filters_of)]


@router.get("", operation_id="audit_list", responses=responses())
async def list_entries(
    ctx: Ctx,
    _: Annotated[Actor, Depends(require_super_admin)],
    query: Annotated[PageQuery, Depends(page_query)],
    filters: Filters,
) -> Page[AuditEntry]:
    """What was changed, newest first."""
    return await listing.listed(ctx, filters, query)


@router.get(
    "/export.csv",
    operation_id="audit_export_csv",
    response_class=StreamingResponse,
    responses={**CSV_REPLY, **responses(429)},
)
async def export_csv(
    ctx: Ctx, author: Annotated[Author, Depends(by_super_admin)], filters: Filters
) -> StreamingResponse:
    """The entries that fit the filters of the list, newest first."""
    await hit(ctx, EXPORT_USER, author.actor.id)
    name = f"audit-log-{ctx.clock():%Y%m%d-%H%M%S}.csv"
    return csv_reply(name, listing.COLUMNS, (), listing.export_rows(ctx, author, filters))
