"""Attempts as people read them: those of one contact, and all of a campaign as a file."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from zoneinfo import ZoneInfo

from voxkit.errors import Invalid, NotFound
from voxkit.zones import zone_of

from voxbridge.attempts import store
from voxbridge.attempts.models import Attempt
from voxbridge.attempts.report import MAX_VARIABLES, Around, Report
from voxbridge.calls import store as calls
from voxbridge.campaigns import rows as contacts
from voxbridge.campaigns.service import get_campaign
from voxbridge.contacts.sheet import PHONE
from voxbridge.context import Context
from voxbridge.pages import Page, PageQuery, lookup_page, page

Document = dict[str, Any]
EXPORT_PAGE = 200  # attempts in memory; as many ids go into one look-up
_UTC = ZoneInfo("UTC")


async def of_contact(ctx: Context, campaign_id: str, row_id: str, query: PageQuery) -> Page[Attempt]:
    """Placed attempts of all runs, newest first. Raises: NotFound."""
    await get_campaign(ctx, campaign_id)
    row = await store.contact(ctx, row_id)
    if row is None or row["campaign_id"] != campaign_id:
        raise NotFound(f"This campaign has no contact {row_id!r}.", code="contact_not_found")
    placed = [attempt for attempt in await store.attempts_of(ctx, row_id) if attempt.get("dialled_at")]
    return lookup_page(placed, query, sort="-dialled_at", shape=Attempt.of)


def is_ended(attempt: Document) -> bool:
    return attempt.get("outcome") not in (None, "not_placed")


async def report(ctx: Context, campaign_id: str) -> tuple[Report, AsyncIterator[list[list[Any]]]]:
    """The head of the report and its rows, oldest first. Read until its first page, so that a refusal has its status.

    Raises: NotFound; Invalid `too_many_variables`.
    """
    campaign = await get_campaign(ctx, campaign_id)
    zone_name = ((campaign.get("config") or {}).get("time_window") or {}).get("timezone") or "UTC"
    head = Report(campaign_id, campaign["name"], zone_of(zone_name) or _UTC, await _variables(ctx, campaign))
    return head, _rows(ctx, head, await _page(ctx, campaign_id, None))


async def _variables(ctx: Context, campaign: Document) -> list[str]:
    """The columns of the uploaded file, then what further contacts brought along, by name.

    Every contact is looked at, a thousand at a time: the header stands before the first row.
    """
    counts = (campaign.get("upload") or {}).get("counts") or {}
    names = dict.fromkeys(name for name in counts.get("columns") or [] if name != PHONE)
    further: set[str] = set()
    async for found in contacts.windows(ctx, campaign, {"variables": 1}):
        further.update(name for row in found for name in row.get("variables") or () if name not in names)
        if len(names) + len(further) > MAX_VARIABLES:
            raise Invalid(
                f"The contacts of this campaign have more than {MAX_VARIABLES:,} different variables, too many for "
                f"columns. Read the attempts of single contacts instead.",
                code="too_many_variables",
            )
    return [*names, *sorted(further)]


async def _page(ctx: Context, campaign_id: str, cursor: str | None) -> Page[Document]:
    return await page(
        ctx,
        store.attempts(ctx),
        {"campaign_id": campaign_id},
        PageQuery(1, EXPORT_PAGE, "dialled_at", cursor),
        sort="dialled_at",
        shape=lambda attempt: attempt,
        keep=is_ended,
        count=False,
    )


async def _rows(ctx: Context, head: Report, first: Page[Document]) -> AsyncIterator[list[list[Any]]]:
    current, carriers = first, dict[str, str]()
    while True:
        if current.items:
            yield head.rows(current.items, await _around(ctx, current.items, carriers))
        if not current.next:
            return
        current = await _page(ctx, head.campaign_id, current.next)


async def _around(ctx: Context, attempts: list[Document], carriers: dict[str, str]) -> Around:
    """`carriers`: names read so far; there are few."""
    if unknown := {attempt["carrier_id"] for attempt in attempts if attempt.get("carrier_id")} - carriers.keys():
        carriers |= dict.fromkeys(unknown, "") | await store.carrier_names(ctx, sorted(unknown))
    rows = await store.contacts_of(ctx, list({attempt["campaign_call_id"] for attempt in attempts}))
    held = await calls.find_many(ctx, [attempt["session_id"] for attempt in attempts], {"recording_url": 1})
    return Around(
        contacts={row["_id"]: row for row in rows},
        calls={call["_id"]: call for call in held},
        carriers={carrier_id: name for carrier_id, name in carriers.items() if name},
    )
