"""`/analytics`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from voxbridge.actors import Actor
from voxbridge.analytics import service
from voxbridge.analytics.models import CallsOverTime, DisconnectReasons, Dispositions, LatencyOverTime, Overview
from voxbridge.analytics.periods import Interval
from voxbridge.analytics.service import Question
from voxbridge.context import Context, get_context
from voxbridge.openapi import responses
from voxbridge.security import require_admin

router = APIRouter(prefix="/analytics", tags=["analytics"])
Ctx = Annotated[Context, Depends(get_context)]
Admin = Annotated[Actor, Depends(require_admin)]
_DAY = "A date of the display zone, or a time in ISO 8601."
Begin = Annotated[
    str, Query(alias="from", max_length=40, description=f"{_DAY} Absent: today's.", examples=["2026-06-05"])
]
End = Annotated[
    str,
    Query(
        alias="to",
        max_length=40,
        description=f"{_DAY} A date is included, a time is not. Absent: now.",
        examples=["2026-06-05"],
    ),
]
Id = Annotated[str, Query(max_length=64)]
Step = Annotated[Interval, Query(description="Of the display zone.")]


async def asked(
    ctx: Ctx, _: Admin, begin: Begin = "", end: End = "", bot_id: Id = "", campaign_id: Id = ""
) -> Question:
    return await service.question(ctx, begin, end, bot_id, campaign_id)


Asked = Annotated[Question, Depends(asked)]


def _json(text: str) -> Response:
    return Response(text, media_type="application/json")


@router.get("/overview", operation_id="analytics_overview", responses=responses(), response_model=Overview)
async def overview(ctx: Ctx, of: Asked) -> Response:
    """Figures of a range of at most 92 days, and of the period before. 422 `range_too_wide`."""
    return _json(await service.kept(ctx, of, service.overview))


@router.get(
    "/calls-per-hour", operation_id="analytics_calls_per_hour", responses=responses(), response_model=CallsOverTime
)
async def calls_per_hour(ctx: Ctx, of: Asked, interval: Step = "hour") -> Response:
    """Calls by the hour or day in which they began."""
    return _json(await service.kept(ctx, of, service.calls_over_time, interval))


@router.get("/latency", operation_id="analytics_latency", responses=responses(), response_model=LatencyOverTime)
async def latency(ctx: Ctx, of: Asked, interval: Step = "hour") -> Response:
    """Median and 95th percentile of the calls' average response times."""
    return _json(await service.kept(ctx, of, service.latency_over_time, interval))


@router.get("/dispositions", operation_id="analytics_dispositions", responses=responses(), response_model=Dispositions)
async def dispositions(ctx: Ctx, of: Asked) -> Response:
    """How the calls that ended were judged."""
    return _json(await service.kept(ctx, of, service.dispositions))


@router.get(
    "/disconnect-reasons",
    operation_id="analytics_disconnect_reasons",
    responses=responses(),
    response_model=DisconnectReasons,
)
async def disconnect_reasons(ctx: Ctx, of: Asked) -> Response:
    """Who or what ended the calls."""
    return _json(await service.kept(ctx, of, service.disconnect_reasons))
