"""Contacts that a CRM adds to a campaign while it is prepared or runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from voxkit.campaigns.ids import contact_id
from voxkit.contracts.campaigns import TERMINAL
from voxkit.errors import Conflict

from voxbridge.audit.service import Author, record
from voxbridge.campaigns.rows import FRESH
from voxbridge.campaigns.service import get_campaign, identity_locked
from voxbridge.contacts import store
from voxbridge.contacts.loading import is_half_loaded
from voxbridge.contacts.models import ContactsAdded, NewContacts, NumberError
from voxbridge.contacts.numbers import NotANumber, Number, read_number
from voxbridge.contacts.rows import new_row
from voxbridge.context import Context
from voxbridge.dnc import store as dnc
from voxbridge.settings.service import get_settings

Document = dict[str, Any]
SHOWN_ERRORS = 20
OPEN = ("draft", "running", "paused")
AGAIN = tuple(state for state in TERMINAL if state != "excluded")
_FIELDS = ("status", "run_number", "callback")


@dataclass(frozen=True)
class _Wanted:
    """A contact of the request whose number is in order."""

    number: Number
    variables: dict[str, str] | None


def check_open(campaign: Mapping[str, Any]) -> None:
    """Raises: Conflict: nobody can be added to this campaign (now)."""
    status = campaign["status"]
    if status not in OPEN or (status == "draft" and identity_locked(campaign)):
        prepared = " that is prepared for another run" if status == "draft" else ""
        raise Conflict(
            f"Contacts are added to a draft or to a running or paused campaign; this one is {status}{prepared}.",
            code="invalid_state",
        )
    if is_half_loaded(campaign):
        raise Conflict(
            "The file of this campaign is not loaded: wait until it is, or upload it again when it failed.",
            code="upload_in_progress",
        )


async def add(ctx: Context, author: Author, campaign_id: str, body: NewContacts) -> ContactsAdded:
    """Raises: NotFound, Forbidden `bot_not_allowed`, Conflict."""
    campaign = await get_campaign(ctx, campaign_id)
    author.actor.check_bot(campaign["bot_id"])
    check_open(campaign)
    told = ContactsAdded(added=0, requeued=0, duplicates=0, invalid=0, suppressed=0, errors=[])
    wanted = await _read(ctx, body, told)
    ids = {contact_id(campaign_id, key): key for key in wanted}
    standing = {row["_id"]: row for row in await store.find_rows(ctx, list(ids), _FIELDS)}
    silent = await _suppressed(ctx, campaign_id, list(wanted))
    fresh = [key for identity, key in ids.items() if identity not in standing]
    await _insert(ctx, campaign, [wanted[key] for key in fresh], silent, told)
    rows = [(row, wanted[ids[identity]]) for identity, row in standing.items()]
    if body.on_duplicate == "requeue":
        await _requeue(ctx, campaign, rows, silent, told)
    else:
        told.duplicates += len(rows)
    changes = {"added": (None, told.added), "requeued": (None, told.requeued)}
    await record(ctx, author, "campaign.contacts", entity=("campaign", campaign_id), changes=changes)
    return told


async def _read(ctx: Context, body: NewContacts, told: ContactsAdded) -> dict[str, _Wanted]:
    """Contacts by their number's digits; of two with the same number the first is taken."""
    country, wanted = (await get_settings(ctx)).default_country, {}
    for place, contact in enumerate(body.contacts, 1):
        try:
            number = read_number(contact.phone_number, country)
        except NotANumber as error:
            told.invalid += 1
            if len(told.errors) < SHOWN_ERRORS:
                shown = contact.phone_number[:40]
                told.errors.append(NumberError(row=place, phone_number=shown, reason=str(error)))
            continue
        if number.key in wanted:
            told.duplicates += 1
        else:
            wanted[number.key] = _Wanted(number, contact.variables)  # pyright: ignore[reportArgumentType] - text by now
    return wanted


async def _suppressed(ctx: Context, campaign_id: str, keys: list[str]) -> set[str]:
    return await dnc.listed(ctx, keys, ctx.clock()) | await store.excluded_keys(ctx, campaign_id, keys)


async def _announce(ctx: Context, campaign: Document, count: int) -> int:
    """The first of `count` new row numbers. From here on the campaign does not end before its keeper has seen them.

    Raises: Conflict: the campaign ended meanwhile.
    """
    first = await store.reserve_rows(ctx, campaign, OPEN, count)
    if first is None:
        check_open(await get_campaign(ctx, campaign["_id"]))
        raise Conflict("The campaign was changed meanwhile; send the contacts again.", code="invalid_state")
    return first


async def _insert(
    ctx: Context, campaign: Document, wanted: list[_Wanted], silent: set[str], told: ContactsAdded
) -> None:
    """Raises: Conflict: the campaign ended meanwhile."""
    if not wanted:
        return
    first = await _announce(ctx, campaign, len(wanted))
    now = ctx.clock()
    rows = [
        new_row(
            campaign["_id"], campaign["run_number"], row_no, number=each.number.number, key=each.number.key,
            variables=each.variables or {}, suppressed=each.number.key in silent, source="api", now=now,
        )
        for row_no, each in enumerate(wanted, first)
    ]  # fmt: skip
    known = await store.insert_rows(ctx, rows)
    told.duplicates += len(known)  # somebody else added them this moment
    new = [row for row in rows if row["_id"] not in known]
    told.suppressed += sum(row["status"] == "excluded" for row in new)
    told.added += sum(row["status"] != "excluded" for row in new)


async def _requeue(
    ctx: Context, campaign: Document, rows: list[tuple[Document, _Wanted]], silent: set[str], told: ContactsAdded
) -> None:
    """Raises: Conflict: the campaign ended meanwhile."""
    now = ctx.clock()
    changes: list[tuple[Document, Document]] = []
    for row, wanted in rows:
        if row["status"] not in AGAIN:
            told.duplicates += 1
        elif wanted.number.key in silent:
            told.suppressed += 1
        else:
            new = {} if wanted.variables is None else {"variables": wanted.variables}
            times = {"status_changed_at": now, "updated_at": now}
            changes.append((row, {**FRESH, **times, **new, "run_number": campaign["run_number"]}))
    if not changes:
        return
    # They keep their places in the list; the new numbers only say that somebody waits again.
    await _announce(ctx, campaign, len(changes))
    await store.change_rows(ctx, changes)
    told.requeued += len(changes)
