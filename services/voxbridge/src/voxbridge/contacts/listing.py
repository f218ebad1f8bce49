"""The list of a campaign's contacts, and the report of its last upload."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from voxkit.campaigns.ids import contact_id
from voxkit.contracts.campaigns import ContactState
from voxkit.phone import dial_form, phone_key

from voxbridge.campaigns.service import get_campaign
from voxbridge.contacts import store
from voxbridge.contacts.loading import is_half_loaded
from voxbridge.contacts.models import Contact
from voxbridge.context import Context
from voxbridge.pages import Page, PageQuery, lookup_page, page, sort_of
from voxbridge.queries import wrong
from voxbridge.settings.service import get_settings

Document = dict[str, Any]
Callback = Literal["all", "requested", "pending", "completed", "cancelled"]
SORTS = ("row_no", "-last_attempt_at")
STATES = get_args(ContactState)
SCAN = 20_000  # rows a page looks at for the few that fit its filters
COLUMNS = ("row", "phone_number", "reason")


@dataclass(frozen=True)
class ContactFilters:
    """What was asked for, parsed. `statuses` empty: any."""

    statuses: tuple[str, ...] = ()
    callback: Callback = "all"
    phone: str = ""
    date_from: datetime | None = None
    date_to: datetime | None = None

    def matches(self, row: Document) -> bool:
        if self.statuses and row["status"] not in self.statuses:
            return False
        if not self._fits_callback(row.get("callback") or {}):
            return False
        if self.date_from is None and self.date_to is None:
            return True
        last = row.get("last_attempt_at")
        if last is None or (self.date_from is not None and last < self.date_from):
            return False
        return self.date_to is None or last <= self.date_to

    def _fits_callback(self, callback: Document) -> bool:
        if self.callback == "all":
            return True
        if self.callback == "requested":
            return bool(callback.get("requested"))
        return callback.get("status") == {"pending": "scheduled"}.get(self.callback, self.callback)

    @property
    def by_index(self) -> bool:
        """Whether an index counts what fits."""
        return self.callback == "all" and self.date_from is None and self.date_to is None


def statuses_of(given: tuple[str, ...]) -> tuple[str, ...]:
    """Raises: Invalid: no state of a contact."""
    states = tuple("retry_scheduled" if state == "scheduled" else state for state in given)
    if unknown := [state for state in states if state not in STATES]:
        raise wrong("status", f"has no state {unknown[0][:40]!r}; there are {', '.join(STATES)}")
    return states


async def listed(ctx: Context, campaign_id: str, filters: ContactFilters, query: PageQuery) -> Page[Contact]:
    """In the order of the list, or by last attempt, newest first, without those that had none. Raises: NotFound."""
    campaign = await get_campaign(ctx, campaign_id)
    sort = sort_of(query, SORTS, SORTS[0])
    if is_half_loaded(campaign):
        return lookup_page([], query, sort=sort, shape=Contact.of)
    by_row = sort == "row_no"
    if filters.phone:
        rows = await _of_number(ctx, campaign_id, filters.phone)
        known = [row for row in rows if filters.matches(row) and row.get(sort.lstrip("-")) is not None]
        return lookup_page(known, query, sort=sort, shape=Contact.of)
    where = {"campaign_id": campaign_id}
    by_status = {"status": {"$in": list(filters.statuses)}} if filters.statuses else {}
    return await page(
        ctx,
        store.contacts(ctx),
        where,
        query,
        sort=sort,
        shape=Contact.of,
        low=None if by_row else filters.date_from,
        high=None if by_row else filters.date_to,
        keep=None if filters == ContactFilters() else filters.matches,
        count_where={**where, **by_status},
        dates=not by_row,
        scan_limit=SCAN,
        count=filters.by_index and by_row,
    )


async def _of_number(ctx: Context, campaign_id: str, written: str) -> list[Document]:
    """The contact with this whole number, written in any way."""
    number = dial_form(written, (await get_settings(ctx)).default_country)
    return await store.find_rows(ctx, [contact_id(campaign_id, phone_key(number))])


async def reject_rows(ctx: Context, campaign_id: str) -> AsyncIterator[list[list[Any]]]:
    """Rows of the last upload that were not taken in, in the order of the file. Raises: NotFound."""
    campaign = await get_campaign(ctx, campaign_id)
    return _rejects(ctx, (campaign.get("upload") or {}).get("load_id", ""))


async def _rejects(ctx: Context, load_id: str) -> AsyncIterator[list[list[Any]]]:
    number = 0
    while rows := await store.rejects(ctx, load_id, number):
        yield rows
        number += 1
