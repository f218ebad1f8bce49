"""Numbers that one campaign must not dial (any more)."""

from __future__ import annotations

from typing import Any

from voxkit.campaigns.ids import contact_id
from voxkit.contracts.campaigns import ACTIVE, WAITING
from voxkit.errors import Invalid, NotFound

from voxbridge.audit.service import Author, record
from voxbridge.campaigns.service import get_campaign
from voxbridge.contacts import store
from voxbridge.contacts.models import Exclude, Excluded, Exclusion
from voxbridge.contacts.numbers import NotANumber, Number, read_number
from voxbridge.context import Context
from voxbridge.pages import Page, PageQuery, page, sort_of
from voxbridge.settings.service import get_settings

Document = dict[str, Any]
ROUNDS = 5  # a contact that moves on between reading and writing is looked at again
_FIELDS = ("status", "callback", "exclude_requested")


async def exclude(ctx: Context, author: Author, campaign_id: str, body: Exclude) -> Excluded:
    """Raises: NotFound, Forbidden `bot_not_allowed`."""
    campaign = await get_campaign(ctx, campaign_id)
    author.actor.check_bot(campaign["bot_id"])
    country, invalid = (await get_settings(ctx)).default_country, 0
    numbers: dict[str, Number] = {}
    for written in body.phone_numbers:
        try:
            number = read_number(written, country)
            numbers.setdefault(number.key, number)
        except NotANumber:
            invalid += 1
    told = Excluded(excluded=0, in_flight=0, already_terminal=0, not_found=0, invalid=invalid)
    if not numbers:
        return told
    # The list first: the dialler asks it right before each dial, whatever a contact's row says by then.
    await _enter(ctx, author, campaign_id, list(numbers.values()), body.reason)
    await _settle(ctx, [contact_id(campaign_id, key) for key in numbers], told)
    changes = {"excluded": (None, len(numbers))}
    await record(ctx, author, "campaign.exclude", entity=("campaign", campaign_id), changes=changes)
    return told


async def _enter(ctx: Context, author: Author, campaign_id: str, numbers: list[Number], reason: str) -> None:
    now = ctx.clock()
    entries: list[Document] = [
        {
            "_id": f"{campaign_id}:{number.key}", "campaign_id": campaign_id, "phone_number": number.number,
            "phone_key": number.key, "reason": reason, "by": author.actor.id, "at": now,
        }
        for number in numbers
    ]  # fmt: skip
    await store.add_exclusions(ctx, entries)


async def _settle(ctx: Context, ids: list[str], told: Excluded) -> None:
    """Waiting contacts become `excluded`, active ones are marked."""
    rows = {row["_id"]: row for row in await store.find_rows(ctx, ids, _FIELDS)}
    done_before = {identity for identity, row in rows.items() if row["status"] not in (*WAITING, *ACTIVE)}
    for _ in range(ROUNDS):
        changes = [(row, change) for row in rows.values() if (change := _change(row, ctx))]
        if not changes:
            break
        await store.change_rows(ctx, changes)
        for row in await store.find_rows(ctx, [row["_id"] for row, _ in changes], _FIELDS):
            rows[row["_id"]] = row
    told.not_found = len(ids) - len(rows)
    for identity, row in rows.items():
        if row["status"] == "excluded" and identity not in done_before:
            told.excluded += 1
        elif row["status"] in (*WAITING, *ACTIVE):
            told.in_flight += 1
        else:
            told.already_terminal += 1


def _change(row: Document, ctx: Context) -> Document | None:
    now = ctx.clock()
    if row["status"] in WAITING:
        change: Document = {"status": "excluded", "status_changed_at": now, "next_retry_at": None, "updated_at": now}
        if (row.get("callback") or {}).get("status") == "scheduled":
            change |= {"callback.status": "cancelled", "callback.active": False}
        return change
    if row["status"] in ACTIVE and not row.get("exclude_requested"):
        return {"exclude_requested": True, "updated_at": now}
    return None


async def listed(ctx: Context, campaign_id: str, query: PageQuery) -> Page[Exclusion]:
    """Newest first. Raises: NotFound."""
    await get_campaign(ctx, campaign_id)
    sort = sort_of(query, ("-at", "at"), "-at")
    return await page(
        ctx, store.exclusions(ctx), {"campaign_id": campaign_id}, query, sort=sort, shape=Exclusion.model_validate
    )


async def remove(ctx: Context, author: Author, campaign_id: str, written: str) -> None:
    """Later additions are called again; contacts that are `excluded` stay so. Raises: NotFound, Invalid."""
    await get_campaign(ctx, campaign_id)
    try:
        key = read_number(written, (await get_settings(ctx)).default_country).key
    except NotANumber as error:
        raise Invalid(f"{written[:40]!r} is no phone number: {error}.") from None
    if not await store.delete_exclusion(ctx, campaign_id, key):
        raise NotFound(f"{written[:40]!r} is not on the exclude list of this campaign.", code="not_excluded")
    changes = {key: ("excluded", None)}
    await record(ctx, author, "campaign.include", entity=("campaign", campaign_id), changes=changes)
