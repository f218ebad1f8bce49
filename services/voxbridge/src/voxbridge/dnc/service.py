"""Rules of the do-not-call list: adding never shortens an entry, an upload adds and never replaces."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import closing
from datetime import datetime
from itertools import islice
from typing import Any, BinaryIO

from voxkit.errors import Invalid, NotFound, TooLarge
from voxkit.phone import phone_key

from voxbridge.audit.service import Author, record
from voxbridge.contacts.entries import Entry, entries, tally
from voxbridge.contacts.numbers import NotANumber, Number, read_number
from voxbridge.contacts.sheet import FILE_BYTES, Sheet, open_sheet
from voxbridge.context import Context
from voxbridge.dnc import store
from voxbridge.dnc.models import DncAdd, DncAdded, DncEntry, DncUploadReport, Source
from voxbridge.pages import Page, PageQuery, lookup_page, page, sort_of
from voxbridge.queries import wrong
from voxbridge.settings.service import get_settings

Document = dict[str, Any]
SORTS = ("-created_at", "created_at")
LOOKUP_LIMIT = 5_000
EXPORT_PAGE = 500
BATCH = 5_000
COLUMNS = ("phone_number", "reason", "source", "added_by", "session_id", "expires_at", "created_at")


async def default_country(ctx: Context) -> str:
    return (await get_settings(ctx)).default_country


async def listed(
    ctx: Context, query: PageQuery, *, q: str = "", source: Source | None = None, count: bool = True
) -> Page[Document]:
    """A page of the entries that hold. Raises: Invalid: too many numbers begin with `q`."""
    sort, now = sort_of(query, SORTS, SORTS[0]), ctx.clock()

    def keep(entry: Document) -> bool:
        return store.holds(entry, now) and (source is None or entry["source"] == source)

    if q:
        digits = phone_key(q)
        rows = await store.by_prefix(ctx, digits, LOOKUP_LIMIT + 1) if digits else []
        if len(rows) > LOOKUP_LIMIT:
            raise wrong("q", f"fits more than {LOOKUP_LIMIT:,} numbers; give more digits")
        return lookup_page([row for row in rows if keep(row)], query, sort=sort, shape=dict)
    where = {"source": source} if source else {}
    return await page(
        ctx, store.collection(ctx), {}, query, sort=sort, shape=dict, keep=keep, count_where=where, count=count
    )


async def export_rows(ctx: Context, author: Author) -> AsyncIterator[list[list[Any]]]:
    """All entries that hold, newest first, as rows of cells."""
    await record(ctx, author, "dnc.export", entity=("dnc", "list"), changes={})
    cursor: str | None = None
    while True:
        found = await listed(ctx, PageQuery(1, EXPORT_PAGE, "", cursor), count=False)
        yield [[entry.get(column) for column in COLUMNS] for entry in found.items]
        if not (cursor := found.next):
            return


async def find(ctx: Context, written: str) -> DncEntry:
    """Raises: Invalid: no phone number. NotFound `not_listed`: the number may be called."""
    entry = await store.find(ctx, (await _number(ctx, written)).key)
    if entry is None or not store.holds(entry, ctx.clock()):
        raise _not_listed(written)
    return DncEntry.of(entry)


async def delete(ctx: Context, author: Author, written: str) -> None:
    """The number may be called again; contacts that were excluded stay so. Raises: Invalid, NotFound."""
    key = (await _number(ctx, written)).key
    if not await store.delete(ctx, key):
        raise _not_listed(written)
    await record(ctx, author, "dnc.delete", entity=("dnc", key), changes={"listed": (True, False)})


async def _number(ctx: Context, written: str) -> Number:
    try:
        return read_number(written, await default_country(ctx))
    except NotANumber as error:
        raise Invalid(f"{written[:40]!r} is no phone number: {error}.") from None


def _not_listed(written: str) -> NotFound:
    return NotFound(f"{written[:40]!r} is not on the do-not-call list.", code="not_listed")


async def add(ctx: Context, author: Author, body: DncAdd) -> DncAdded:
    country, invalid = await default_country(ctx), 0
    numbers: list[Number] = []
    for written in body.phone_numbers:
        try:
            numbers.append(read_number(written, country))
        except NotANumber:
            invalid += 1
    source: Source = "api" if author.actor.kind == "api_key" else "manual"
    added = await put(ctx, numbers, reason=body.reason, source=source, added_by=author.actor.id, until=body.expires_at)
    await record(ctx, author, "dnc.add", entity=("dnc", "list"), changes={"added": (None, added)})
    return DncAdded(added=added, existing=len(numbers) - added, invalid=invalid)


async def put(
    ctx: Context,
    numbers: Sequence[Number],
    *,
    reason: str,
    source: Source,
    added_by: str,
    until: datetime | None = None,
    session_id: str | None = None,
) -> int:
    """Add numbers, each at most once. Returns how many were not on the list before."""
    made = {number.key: _entry(number, reason, source, added_by, until, session_id, ctx.clock()) for number in numbers}
    return await _put(ctx, list(made.values())) if made else 0


def _entry(
    number: Number,
    reason: str,
    source: Source,
    added_by: str,
    until: datetime | None,
    session_id: str | None,
    now: datetime,
) -> Document:
    known = {"session_id": session_id} if session_id else {}
    return {
        "_id": number.key, "phone_number": number.number, "reason": reason, "source": source, "added_by": added_by,
        "expires_at": until, "created_at": now, **known,
    }  # fmt: skip


async def _put(ctx: Context, made: list[Document]) -> int:
    standing = {entry["_id"]: entry for entry in await store.insert_new(ctx, made)}
    added, now = len(made) - len(standing), ctx.clock()
    for old in await store.find_many(ctx, list(standing)):
        new = standing[old["_id"]]
        until, ends = new["expires_at"], old.get("expires_at")
        if not store.holds(old, now):
            added += await store.replace(ctx, old, new)
        elif ends is not None and (until is None or until > ends):
            await store.extend(ctx, old, until)
    return added


async def upload(ctx: Context, author: Author, file: BinaryIO, size: int, name: str) -> DncUploadReport:
    """Add the numbers of a CSV file; its column `reason` is kept where there is one.

    Raises: TooLarge, Invalid: then nothing was added. A repeat after a crash in the middle adds the rest.
    """
    if size > FILE_BYTES:
        raise TooLarge(f"The file has {size:,} bytes; at most {FILE_BYTES:,} are read. Split it.")
    country = await default_country(ctx)
    sheet = await asyncio.to_thread(open_sheet, file)
    counts = await asyncio.to_thread(tally, sheet, country)
    if not counts.valid:
        raise Invalid(
            f"None of the {counts.total_rows} rows has a phone number; nothing was added.",
            code="no_valid_rows",
            extra={"sample_errors": counts.sample_errors},
        )
    added = await _add_rows(ctx, author, sheet, country)
    await record(
        ctx, author, "dnc.upload", entity=("dnc", "list"), changes={"file": (None, name[:200]), "added": (None, added)}
    )
    return DncUploadReport.model_validate(
        {
            "total_rows": counts.total_rows,
            "added": added,
            "existing": counts.valid - added + counts.duplicates,
            "invalid": counts.invalid,
            "over_limit": counts.over_limit,
            "sample_errors": counts.sample_errors,
        }
    )


async def _add_rows(ctx: Context, author: Author, sheet: Sheet, country: str) -> int:
    added = 0
    with closing(entries(sheet, country)) as rows:  # before the file is
        while batch := await asyncio.to_thread(_next, rows):
            now = ctx.clock()
            valid = [
                _entry(
                    Number(entry.number, entry.key), entry.variables.get("reason", "").strip()[:300], "upload",
                    author.actor.id, None, None, now,
                )
                for entry in batch
                if entry.kind == "valid"
            ]  # fmt: skip
            added += await _put(ctx, valid) if valid else 0
    return added


def _next(rows: Iterator[Entry]) -> list[Entry]:
    return list(islice(rows, BATCH))
