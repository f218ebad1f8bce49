"""`/calls`."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Response
from fastapi.responses import StreamingResponse
from voxkit.phone import phone_key

from voxbridge.actors import Actor
from voxbridge.calls import service
from voxbridge.calls.export import HEADER, PHONES, cells
from voxbridge.calls.filters import CallFilters
from voxbridge.calls.models import CallPage, CallRecord
from voxbridge.context import Context, get_context
from voxbridge.limits import EXPORT_USER, hit
from voxbridge.openapi import responses
from voxbridge.pages import PageQuery, page_query
from voxbridge.queries import Day, Words, moment, words, wrong
from voxbridge.render import json_reply
from voxbridge.security import require_admin, require_super_admin
from voxbridge.sheets import CSV_REPLY, csv_reply

router = APIRouter(prefix="/calls", tags=["calls"])
Ctx = Annotated[Context, Depends(get_context)]
Admin = Annotated[Actor, Depends(require_admin)]
SuperAdmin = Annotated[Actor, Depends(require_super_admin)]
SessionId = Annotated[str, Path(max_length=128)]
_MIN_DIGITS = 4
_DURATIONS = Query(ge=0, le=1_000_000, description="Seconds.")


def filters_of(
    bot_id: Words = "",
    campaign_id: Words = "",
    campaign_call_id: Words = "",
    status: Words = "",
    disconnected_by: Words = "",
    disposition: Words = "",
    direction: Words = "",
    call_type: Words = "",
    transport: Words = "",
    phone: Annotated[
        str, Query(max_length=40, description="The last four or more digits of the customer's number.")
    ] = "",
    number: Annotated[str, Query(max_length=40, description="Our number, whole.")] = "",
    session_id: Annotated[str, Query(max_length=128)] = "",
    stream_id: Annotated[str, Query(max_length=256)] = "",
    call_id: Annotated[str, Query(max_length=256)] = "",
    date_from: Day = "",
    date_to: Day = "",
    min_duration: Annotated[float | None, _DURATIONS] = None,
    max_duration: Annotated[float | None, _DURATIONS] = None,
    transferred: bool | None = None,
) -> CallFilters:
    if phone and len(phone_key(phone)) < _MIN_DIGITS:
        raise wrong("phone", f"needs at least {_MIN_DIGITS} digits")
    lists: dict[str, tuple[Any, ...]] = {
        "bot_id": words(bot_id),
        "campaign_id": words(campaign_id),
        "campaign_call_id": words(campaign_call_id),
        "status": words(status),
        "disconnected_by": words(disconnected_by),
        "disposition": words(disposition),
        "call_direction": words(direction),
        "call_type": words(call_type),
        "transport": words(transport),
        "from_number": (number.strip(), f"+{phone_key(number)}", phone_key(number)) if number.strip() else (),
    }
    if transferred is not None:
        lists["was_transferred"] = (True,) if transferred else (False, None)
    return CallFilters(
        lists={name: values for name, values in lists.items() if values},
        date_from=moment("date_from", date_from),
        date_to=moment("date_to", date_to, end=True),
        min_duration=min_duration,
        max_duration=max_duration,
        phone=phone,
        session_id=session_id,
        stream_id=stream_id,
        call_id=call_id,
    )


Filters = Annotated[CallFilters, Depends(filters_of)]


@router.get("", operation_id="calls_list", responses=responses(), response_model=CallPage)
async def list_calls(
    ctx: Ctx, _: Admin, filters: Filters, query: Annotated[PageQuery, Depends(page_query)]
) -> Response:
    """Newest first; `sort` = `-created_at`, `created_at` or `-call_duration_seconds`. Goes on by `cursor`."""
    found = await service.listed(ctx, filters, query)
    shown = {name: getattr(found, name) for name in ("items", "page", "limit", "total", "total_capped", "next")}
    return json_reply(shown)


@router.get(
    "/export.csv",
    operation_id="calls_export_csv",
    response_class=StreamingResponse,
    responses={**CSV_REPLY, **responses(429)},
)
async def export_csv(
    ctx: Ctx, actor: Admin, filters: Filters, sort: Annotated[str, Query(max_length=64)] = ""
) -> StreamingResponse:
    """The filters of the list over at most 92 days; 422 `range_too_wide`."""
    bounded = service.check_export_range(filters, ctx.clock())
    await hit(ctx, EXPORT_USER, actor.id)
    first = await service.export_first(ctx, bounded, sort)
    name = f"calls-{ctx.clock():%Y%m%d-%H%M%S}.csv"
    return csv_reply(name, HEADER, PHONES, cells(service.export_pages(ctx, bounded, first, sort)))


@router.get("/{session_id}", operation_id="calls_get", responses=responses(entity=True), response_model=CallRecord)
async def get(
    ctx: Ctx,
    _: Admin,
    session_id: SessionId,
    make_recording_accessible: Annotated[
        bool, Query(description="`recording_url` becomes a route of this API.")
    ] = False,
) -> Response:
    return json_reply(await service.detail(ctx, session_id, accessible_recording=make_recording_accessible))


@router.get(
    "/{session_id}/export.json",
    operation_id="calls_export_json",
    responses=responses(429, entity=True),
    response_model=CallRecord,
)
async def export_json(ctx: Ctx, actor: Admin, session_id: SessionId) -> Response:
    """The record as a file, without tokens and keys."""
    await hit(ctx, EXPORT_USER, actor.id)
    shown = await service.exported(ctx, session_id)
    safe = "".join(char for char in session_id if char.isalnum() or char in "-_") or "call"
    return json_reply(shown, headers={"Content-Disposition": f'attachment; filename="call-{safe}.json"'})


@router.delete("/{session_id}", operation_id="calls_delete", responses=responses(409, entity=True), status_code=204)
async def delete(ctx: Ctx, actor: SuperAdmin, session_id: SessionId) -> None:
    """The public link dies at once, the recording follows. 409 `in_progress`."""
    await service.delete(ctx, session_id, by=actor.id)
