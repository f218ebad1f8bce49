"""Jobs that wait and jobs that died; a dead one can be started again."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from voxbridge.context import Context, get_context
from voxbridge.openapi import responses
from voxbridge.outbox import service, store
from voxbridge.outbox.models import JobStatus, OutboxJob
from voxbridge.pages import Page, PageQuery, page, page_query, sort_of
from voxbridge.security import require_super_admin

router = APIRouter(prefix="/outbox", tags=["outbox"], dependencies=[Depends(require_super_admin)])


@router.get("", operation_id="outbox_list", responses=responses())
async def list_jobs(
    query: Annotated[PageQuery, Depends(page_query)],
    status: Annotated[JobStatus | None, Query(description="Absent: all of them.")] = None,
    kind: Annotated[str | None, Query(max_length=64)] = None,
    ctx: Context = Depends(get_context),
) -> Page[OutboxJob]:
    """Jobs, newest attempt first."""
    return await page(
        ctx,
        ctx.db["outbox"],
        {"status": status} if status else {"status": {"$in": list(store.STATUSES)}},
        query,
        sort=sort_of(query, ("-next_attempt_at", "next_attempt_at"), "-next_attempt_at"),
        shape=OutboxJob.of,
        projection={"payload": 0},
        keep=(lambda job: job["kind"] == kind) if kind else None,
        count_where=({"status": status} if status else {}) | ({"kind": kind} if kind else {}),
    )


@router.post("/{id}/retry", operation_id="outbox_retry", responses=responses(409, entity=True), status_code=200)
async def retry(
    id: Annotated[str, Path(max_length=300)],
    ctx: Context = Depends(get_context),
) -> OutboxJob:
    """Start a dead job again, with its tries at zero. 409 `not_dead`."""
    return OutboxJob.of(await service.retry(ctx, id))
