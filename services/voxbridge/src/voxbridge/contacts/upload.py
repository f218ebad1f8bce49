"""Replace the contacts of a campaign by those of a file.

The first pass reads the whole file and changes nothing. Then the campaign's `upload` says `loading`, the old contacts
go, the new ones come in batches, and it says `ready`. A crash between leaves `loading`: the campaign cannot start,
and after five minutes without progress the load counts as failed and may be repeated.

Every step can be repeated without a trace, because ids come from the numbers: when the store does not answer, a step is
tried again for a while before the load fails. Contacts of a load that is not done, or failed, are shown to nobody.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping
from contextlib import aclosing, closing
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any, BinaryIO, TypeVar

from pymongo.errors import PyMongoError
from voxkit.errors import Conflict, Invalid, StoreUnavailable, TooLarge
from voxkit.http import backoff_s
from voxkit.log import get_logger

from voxbridge.audit.service import Author, record
from voxbridge.campaigns.service import get_campaign, identity_locked
from voxbridge.campaigns.stats import note_loaded, recount
from voxbridge.contacts import store
from voxbridge.contacts.entries import Entry, Tally, entries, tally
from voxbridge.contacts.loading import SILENT, is_loading
from voxbridge.contacts.models import UploadReport
from voxbridge.contacts.rows import new_row
from voxbridge.contacts.sheet import FILE_BYTES, Sheet, open_sheet
from voxbridge.context import Context
from voxbridge.dnc import store as dnc
from voxbridge.ids import new_id
from voxbridge.settings.service import get_settings
from voxbridge.stores import is_store_away

Document = dict[str, Any]
T = TypeVar("T")
REJECTS_A_PART = 1_000
TRY_S = 150.0
"""No new try of a step begins later than this after its first one. With the two minutes that the last one may take it
stays under the five after which the load counts as silent."""
log = get_logger("voxbridge.contacts")


def check_open(campaign: Mapping[str, Any], now: datetime) -> None:
    """Raises: Conflict: the contacts of this campaign cannot be replaced (now)."""
    if identity_locked(campaign):
        raise Conflict(
            "This campaign has run, so its contacts stay as they are. Add some with POST …/contacts, or clone it.",
            code="identity_locked",
        )
    if campaign["status"] != "draft":
        raise Conflict(f"Contacts are uploaded to a draft; this one is {campaign['status']}.", code="invalid_state")
    if is_loading(campaign, now):
        raise Conflict("A file is being loaded into this campaign; wait until it is done.", code="upload_in_progress")


async def replace_contacts(
    ctx: Context, author: Author, campaign_id: str, file: BinaryIO, size: int, name: str
) -> UploadReport:
    """Raises: NotFound, Conflict, TooLarge, Invalid: then the old contacts are as they were."""
    campaign = await get_campaign(ctx, campaign_id)
    check_open(campaign, ctx.clock())
    if size > FILE_BYTES:
        raise TooLarge(
            f"The file has {size:,} bytes; at most {FILE_BYTES:,} are read. Split it into several campaigns."
        )
    country = (await get_settings(ctx)).default_country
    sheet = await asyncio.to_thread(open_sheet, file)
    counts = await asyncio.to_thread(tally, sheet, country)
    if not counts.valid:
        raise Invalid(
            f"None of the {counts.total_rows} rows has a number that can be dialled; the old contacts stay.",
            code="no_valid_rows",
            extra={"sample_errors": counts.sample_errors},
        )
    load = _Load(ctx, campaign, sheet, counts, name[:200])
    await load.begin()
    try:
        report = await load.run(country)
    except BaseException:
        await load.give_up()
        raise
    changes = {"file": (None, name[:200]), "contacts": (None, report.inserted + report.suppressed)}
    await record(ctx, author, "campaign.upload", entity=("campaign", campaign_id), changes=changes)
    return report


class _Load:
    """One replacement, from the moment it is allowed."""

    def __init__(self, ctx: Context, campaign: Document, sheet: Sheet, counts: Tally, name: str) -> None:
        self._ctx = ctx
        self._campaign = campaign
        self._sheet = sheet
        self._counts = counts
        self._name = name
        self._id = new_id()
        self._suppressed = 0
        self._rejects: list[list[Any]] = []
        self._parts = 0
        self._repeated = False

    def _report(self) -> Document:
        return {
            "total_rows": self._counts.total_rows,
            "inserted": self._counts.valid - self._suppressed,
            "invalid": self._counts.invalid,
            "duplicates": self._counts.duplicates,
            "suppressed": self._suppressed,
            "over_limit": self._counts.over_limit,
            "columns": self._sheet.columns,
            "ignored_columns": list(self._sheet.ignored),
            "encoding": self._sheet.encoding,
            "delimiter": self._sheet.delimiter,
            "sample_errors": self._counts.sample_errors,
        }

    async def begin(self) -> None:
        """Raises: Conflict: the campaign changed while the file was read."""
        counts = {"total_rows": self._counts.total_rows, "loaded": 0}
        upload = {
            "state": "loading", "at": self._ctx.clock(), "file_name": self._name, "counts": counts, "load_id": self._id,
        }  # fmt: skip
        if not await store.begin_load(self._ctx, self._campaign, upload, self._counts.last_row):
            check_open(await get_campaign(self._ctx, self._campaign["_id"]), self._ctx.clock())
            raise Conflict("The campaign was changed meanwhile; upload the file again.", code="upload_in_progress")

    async def run(self, country: str) -> UploadReport:
        await self._again(lambda: note_loaded(self._ctx, self._campaign, {}))
        await self._delete_old()
        await self._again(lambda: store.drop_rejects(self._ctx, self._campaign["_id"]))
        loaded = 0
        # The rows are closed before their file is.
        with closing(entries(self._sheet, country)) as rows:
            async with aclosing(_batches(rows)) as batches:
                async for batch in batches:
                    loaded += await self._insert([entry for entry in batch if entry.kind == "valid"])
                    await self._keep_rejects([entry for entry in batch if entry.kind != "valid"])
                    await self._progress({"upload.counts.loaded": loaded})
        await self._keep_rejects([], last=True)
        report = self._report()
        await self._again(self._count)
        await self._progress(
            {
                "upload.state": "ready",
                "upload.counts": UploadReport.counts(report),
                "last_row_no": self._counts.last_row,
            }
        )
        log.info("contacts.loaded", campaign_id=self._campaign["_id"], inserted=report["inserted"])
        return UploadReport.model_validate(report)

    async def give_up(self) -> None:
        try:
            await store.fail_load(self._ctx, self._campaign["_id"], self._id, self._ctx.clock())
        except PyMongoError as error:  # the five minutes without progress say the same later
            log.warning("contacts.load_not_failed", campaign_id=self._campaign["_id"], error=type(error).__name__)

    async def _again(self, step: Callable[[], Awaitable[T]]) -> T:
        """A step that may be repeated, until the store has taken it.

        Raises: PyMongoError: not for `TRY_S`; Conflict: the load is no longer ours.
        """
        until, failures = time.monotonic() + TRY_S, 0
        while True:
            try:
                if failures:
                    await self._note({})
                return await step()
            except PyMongoError as error:
                pause = backoff_s(failures, first_s=0.5, cap_s=15)
                if not is_store_away(error) or time.monotonic() + pause > until:
                    raise
                failures, self._repeated = failures + 1, True
                log.warning("contacts.store_away", campaign_id=self._campaign["_id"], error=type(error).__name__)
                await asyncio.sleep(pause)

    async def _progress(self, changes: Document) -> None:
        """Raises: as `_again`."""
        await self._again(lambda: self._note(changes))

    async def _note(self, changes: Document) -> None:
        """Raises: Conflict: five minutes without progress have passed, and another load has begun."""
        changes = {"upload.at": self._ctx.clock(), **changes}
        if not await store.go_on(self._ctx, self._campaign["_id"], self._id, changes):
            raise Conflict(
                "This load took too long, and another one began; see the campaign.", code="upload_in_progress"
            )

    async def _delete_old(self) -> None:
        last = int(self._campaign.get("last_row_no") or 0)
        for above in range(0, last, store.BATCH):
            await self._again(partial(store.delete_rows, self._ctx, self._campaign["_id"], above, above + store.BATCH))
            await self._progress({})

    async def _insert(self, valid: list[Entry]) -> int:
        ctx, campaign_id, now = self._ctx, self._campaign["_id"], self._ctx.clock()
        keys = [entry.key for entry in valid]
        listed = await self._again(lambda: dnc.listed(ctx, keys, now))
        listed |= await self._again(lambda: store.excluded_keys(ctx, campaign_id, keys))
        self._suppressed += len(listed)
        run_number = self._campaign.get("run_number", 1)
        rows = [
            new_row(
                campaign_id, run_number, entry.row, number=entry.number, key=entry.key, variables=entry.variables,
                suppressed=entry.key in listed, source="csv", now=now,
            )
            for entry in valid
        ]  # fmt: skip
        await self._again(lambda: store.insert_rows(ctx, rows))
        return len(valid)

    async def _count(self) -> None:
        """The campaign's figures: who opens it next must not read that it has no contacts, as before the file.

        Every batch was confirmed, so they are known. Only when a step was repeated are the contacts counted: a deletion
        whose answer was lost may have met the new ones. Raises: StoreUnavailable: then some are missing.
        """
        campaign = await get_campaign(self._ctx, self._campaign["_id"])
        counts = {"pending": self._counts.valid - self._suppressed, "excluded": self._suppressed}
        if not self._repeated:
            await note_loaded(self._ctx, campaign, counts)
            return
        found = await recount(self._ctx, campaign)
        if found["total_calls"] != self._counts.valid:
            log.error("contacts.missing", campaign_id=campaign["_id"], found=found["total_calls"], **counts)
            raise StoreUnavailable("The database lost some of the contacts while it was away; upload the file again.")

    async def _keep_rejects(self, rejected: list[Entry], *, last: bool = False) -> None:
        self._rejects += [[entry.row, entry.phone, entry.reason] for entry in rejected]
        while len(self._rejects) >= REJECTS_A_PART or (last and self._rejects):
            part, self._rejects = self._rejects[:REJECTS_A_PART], self._rejects[REJECTS_A_PART:]
            await self._again(partial(store.add_rejects, self._ctx, self._campaign["_id"], self._id, self._parts, part))
            self._parts += 1


async def _batches(rows: Iterator[Entry]) -> AsyncGenerator[list[Entry]]:
    """Batch after batch; the next one is read while the store takes this one."""
    ahead = asyncio.create_task(asyncio.to_thread(_next, rows))
    try:
        while batch := await asyncio.shield(ahead):
            ahead = asyncio.create_task(asyncio.to_thread(_next, rows))
            yield batch
    finally:
        await asyncio.wait([ahead])  # a thread that reads cannot be stopped, and the file goes away under it


def _next(rows: Iterator[Entry]) -> list[Entry]:
    return list(islice(rows, store.BATCH))


async def fail_silent_loads(ctx: Context) -> int:
    """Loads whose process is gone. Returns how many."""
    failed, now = 0, ctx.clock()
    for campaign in await store.silent_loads(ctx, now - SILENT):
        if await store.fail_load(ctx, campaign["_id"], campaign["upload"]["load_id"], now):
            failed += 1
            log.warning("contacts.load_failed", campaign_id=campaign["_id"], reason="no progress for five minutes")
    return failed
