"""Rules of the call list and of single calls."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from voxkit.errors import Conflict, Invalid, NotFound
from voxkit.log import get_logger
from voxkit.secrets import masked_tree

from voxbridge.calls import changes, store
from voxbridge.calls.filters import CallFilters, plan
from voxbridge.calls.models import SUMMARY_PROJECTION, summary
from voxbridge.context import Context
from voxbridge.outbox import service as outbox
from voxbridge.pages import Page, PageQuery, lookup_page, page, sort_of
from voxbridge.recordings.service import key_of

Document = dict[str, Any]
SORTS = ("-created_at", "created_at", "-call_duration_seconds")
EXPORT_RANGE = timedelta(days=92)
EXPORT_PAGE = 500
LOOKUP_LIMIT = 5_000
_HIDDEN = ("detail_id", "result_write_id", "duration_order", "phone_rev", "bucket_utc")
log = get_logger("voxbridge.calls")


def _no_such(session_id: str) -> NotFound:
    return NotFound(f"There is no call {session_id!r}.", code="call_not_found")


async def listed(ctx: Context, filters: CallFilters, query: PageQuery, *, count: bool = True) -> Page[Document]:
    """A page of the list. Raises: Invalid: sort or cursor that the list does not have."""
    sort = sort_of(query, SORTS, SORTS[0])
    by_duration = sort == "-call_duration_seconds"
    field = "duration_order" if by_duration else "created_at"
    filters = await _with_campaign(ctx, filters)
    found = plan(filters, field)
    stored_sort = f"-{field}" if sort.startswith("-") else field
    if found.lookup:
        rows = await store.by_field(ctx, found.where, SUMMARY_PROJECTION, LOOKUP_LIMIT)
        rows = [row for row in rows if found.keep is None or found.keep(row)]
        return lookup_page(rows, query, sort=stored_sort, shape=summary)
    return await page(
        ctx,
        ctx.db["calls"],
        found.where,
        query,
        sort=stored_sort,
        shape=summary,
        projection=SUMMARY_PROJECTION,
        low=found.sort_low,
        high=found.sort_high,
        keep=found.keep,
        count_where=found.count_where,
        dates=not by_duration,
        count=count,
    )


async def _with_campaign(ctx: Context, filters: CallFilters) -> CallFilters:
    """A contact's calls are found by the index of its campaign."""
    contacts = filters.lists.get("campaign_call_id")
    if not contacts or filters.lists.get("campaign_id"):
        return filters
    campaigns = await store.campaigns_of(ctx, [str(contact) for contact in contacts])
    return replace(filters, lists={**filters.lists, "campaign_id": tuple(campaigns) or ("",)})


async def record(ctx: Context, session_id: str) -> Document:
    """The whole record, details included, under its stored names. Raises: NotFound."""
    call = await store.find(ctx, session_id)
    if call is None:
        raise _no_such(session_id)
    return {**call, **await store.details(ctx, call)}


async def detail(ctx: Context, session_id: str, *, accessible_recording: bool = False) -> Document:
    """What people see of a call. Raises: NotFound."""
    call = await record(ctx, session_id)
    shown = {"session_id": call.pop("_id"), **{key: value for key, value in call.items() if key not in _HIDDEN}}
    for name in (
        "bot_id",
        "bot_name",
        "call_type",
        "call_direction",
        "transport",
        "caller_id",
        "from_number",
        "stream_id",
    ):
        shown.setdefault(name, "")
    if accessible_recording:
        shown["recording_url"] = f"/api/v1/recordings/{session_id}" if key_of(call) else None
    shown["integration_log"] = [entry async for entry in store.integration_log(ctx, session_id)]
    campaign_id = call.get("campaign_id")
    shown["campaign"] = (
        {"campaign_id": campaign_id, "name": await store.campaign_name(ctx, campaign_id)} if campaign_id else None
    )
    return shown


async def exported(ctx: Context, session_id: str) -> Document:
    """The record without tokens and keys. Raises: NotFound."""
    shown = await detail(ctx, session_id)
    shown.pop("recording_access_token", None)
    return masked_tree(shown)


def check_export_range(filters: CallFilters, now: datetime) -> CallFilters:
    """Filters with both ends of their range. Raises: Invalid `range_too_wide`."""
    until = filters.date_to or now
    if filters.date_from is None or until - filters.date_from > EXPORT_RANGE:
        raise Invalid(
            f"Give date_from and date_to at most {EXPORT_RANGE.days} days apart (date_to is now when it is absent).",
            code="range_too_wide",
        )
    return replace(filters, date_to=until)


async def export_pages(
    ctx: Context, filters: CallFilters, first: Page[Document], sort: str
) -> AsyncIterator[list[Document]]:
    """The rows of an export, from its first page on."""
    current = first
    yield current.items
    while current.next:
        current = await listed(ctx, filters, PageQuery(1, EXPORT_PAGE, sort, current.next), count=False)
        yield current.items


async def export_first(ctx: Context, filters: CallFilters, sort: str) -> Page[Document]:
    """Read before the answer begins, so that a refusal still has its status."""
    return await listed(ctx, filters, PageQuery(1, EXPORT_PAGE, sort, None), count=False)


async def delete(ctx: Context, session_id: str, *, by: str) -> None:
    """The link dies first, then a job for the recording, the record last. Raises: NotFound; Conflict `in_progress`."""
    call = await store.find(ctx, session_id)
    if call is None:
        raise _no_such(session_id)
    if call["status"] == "in_progress":
        raise Conflict("This call is still in progress; delete it when it has ended.", code="in_progress")
    await remove(ctx, call)
    log.info("call.deleted", session_id=session_id, actor_id=by)


async def remove(ctx: Context, call: Document) -> None:
    """Forget a call and its recording; may be repeated after a crash."""
    await store.take_token(ctx, call["_id"])
    await delete_recording(ctx, call)
    await changes.gone(ctx, call)  # before, too: a crash in between must leave a mark
    await store.delete(ctx, call["_id"])
    await changes.gone(ctx, call)


async def delete_recording(ctx: Context, call: Document) -> None:
    if key := key_of(call):
        await outbox.add(ctx, "recording_delete", call["_id"], {"key": key})
