"""`/campaigns/{campaign_id}/…`: attempts."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path
from fastapi.responses import StreamingResponse

from voxbridge.actors import Actor
from voxbridge.attempts import service
from voxbridge.attempts.models import Attempt
from voxbridge.attempts.report import PHONES
from voxbridge.context import Context, get_context
from voxbridge.limits import EXPORT_USER, hit
from voxbridge.openapi import responses
from voxbridge.pages import Page, PageQuery, page_query
from voxbridge.security import require_admin
from voxbridge.sheets import CSV_REPLY, csv_reply

router = APIRouter(prefix="/campaigns", tags=["attempts"])
Ctx = Annotated[Context, Depends(get_context)]
Admin = Annotated[Actor, Depends(require_admin)]
CampaignId = Annotated[str, Path(max_length=64)]


@router.get(
    "/{campaign_id}/calls/{campaign_call_id}/attempts", operation_id="attempts_list", responses=responses(entity=True)
)
async def list_attempts(
    ctx: Ctx,
    _: Admin,
    campaign_id: CampaignId,
    campaign_call_id: Annotated[str, Path(max_length=64)],
    query: Annotated[PageQuery, Depends(page_query)],
) -> Page[Attempt]:
    """The dials of one contact in all runs, newest first; those that were never placed are not among them."""
    return await service.of_contact(ctx, campaign_id, campaign_call_id, query)


@router.get(
    "/{campaign_id}/attempt-report.csv",
    operation_id="attempts_report_csv",
    response_class=StreamingResponse,
    responses={**CSV_REPLY, **responses(429, entity=True)},
)
async def attempt_report(ctx: Ctx, actor: Admin, campaign_id: CampaignId) -> StreamingResponse:
    """Every ended attempt of all runs, oldest first; times in the campaign's zone, a column for every variable.

    422 `too_many_variables`."""
    await hit(ctx, EXPORT_USER, actor.id)
    head, rows = await service.report(ctx, campaign_id)
    return csv_reply(f"attempts-{campaign_id}-{ctx.clock():%Y%m%d-%H%M%S}.csv", head.columns, PHONES, rows)
