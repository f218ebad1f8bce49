"""Contacts in MongoDB: `campaign_calls` (`_id` = `contact_id`), the numbers that a campaign must not dial, and the
rejected rows of the last upload.

`row_no` orders the contacts of a campaign. `last_row_no` of the campaign is never below any of them, so windows of
`row_no` reach every contact: each one is a closed range of one index, whatever server answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import pymongo
from pymongo import IndexModel
from pymongo.errors import BulkWriteError

from voxbridge.context import Context

Document = dict[str, Any]
BATCH = 5_000
LOOKUP = 200  # ids a query: the embedded server takes longer for each hit the longer the list is
WRITE_S = 120.0  # a batch that takes longer is given up
_DUPLICATE = 11_000
INDEXES = [
    ("campaign_calls", IndexModel([("campaign_id", 1), ("row_no", 1)], name="campaign_row_no")),
    ("campaign_upload_rejects", IndexModel([("campaign_id", 1)], name="campaign_id")),
]


def _parts(values: Sequence[str]) -> Iterable[list[str]]:
    return (list(values[at : at + LOOKUP]) for at in range(0, len(values), LOOKUP))


async def campaign(ctx: Context, campaign_id: str) -> Document | None:
    return await ctx.db["campaigns"].find_one({"_id": campaign_id})


async def begin_load(ctx: Context, campaign: Mapping[str, Any], upload: Document, last_row_no: int) -> bool:
    """Take the right to replace the contacts; False: the campaign is not what it was when it was judged."""
    known = campaign.get("upload") or {}
    unchanged = {
        "_id": campaign["_id"],
        "status": campaign["status"],
        "run_number": campaign.get("run_number"),
        "started_at": campaign.get("started_at"),
        "upload.state": known.get("state"),
        "upload.load_id": known.get("load_id"),
    }
    changes = {"$set": {"upload": upload}, "$max": {"last_row_no": last_row_no}}
    done = await ctx.db["campaigns"].update_one(unchanged, changes)
    if done.matched_count:
        return True
    # The first try of a repeated write may have been applied.
    found = await ctx.db["campaigns"].find_one({"_id": campaign["_id"], "upload.load_id": upload["load_id"]})
    return found is not None


async def go_on(ctx: Context, campaign_id: str, load_id: str, changes: Mapping[str, Any]) -> bool:
    """Note progress or the end of a load; False: it is no longer ours."""
    # `ready` too: the write that ended the load may be sent twice by the driver.
    mine = {"_id": campaign_id, "upload.load_id": load_id, "upload.state": {"$in": ["loading", "ready"]}}
    return (await ctx.db["campaigns"].update_one(mine, {"$set": dict(changes)})).matched_count == 1


async def fail_load(ctx: Context, campaign_id: str, load_id: str, now: datetime) -> bool:
    mine = {"_id": campaign_id, "upload.load_id": load_id, "upload.state": "loading"}
    failed = {"upload.state": "failed", "upload.at": now}
    return (await ctx.db["campaigns"].update_one(mine, {"$set": failed})).modified_count == 1


async def silent_loads(ctx: Context, before: datetime) -> list[Document]:
    """Campaigns whose load made no progress since; few campaigns are drafts."""
    drafts = ctx.db["campaigns"].find({"status": "draft"}, {"upload": 1})
    return [
        row
        async for row in drafts
        if (upload := row.get("upload") or {}).get("state") == "loading" and upload["at"] < before
    ]


async def delete_rows(ctx: Context, campaign_id: str, above: int, upto: int) -> int:
    """Contacts with `above < row_no <= upto`."""
    with pymongo.timeout(WRITE_S):
        window = {"campaign_id": campaign_id, "row_no": {"$gt": above, "$lt": upto + 1}}
        return (await ctx.db["campaign_calls"].delete_many(window)).deleted_count


async def insert_rows(ctx: Context, rows: Sequence[Document]) -> int:
    """How many are new; a row that stands there already is left alone."""
    if not rows:
        return 0
    with pymongo.timeout(WRITE_S):
        try:
            return len((await ctx.db["campaign_calls"].insert_many(rows, ordered=False)).inserted_ids)
        except BulkWriteError as error:
            failed = error.details.get("writeErrors", [])
            if any(each.get("code") != _DUPLICATE for each in failed):
                raise
            return len(rows) - len(failed)


async def excluded_keys(ctx: Context, campaign_id: str, keys: Sequence[str]) -> set[str]:
    """Those of the numbers that this campaign must not dial."""
    found: set[str] = set()
    for part in _parts([f"{campaign_id}:{key}" for key in keys]):
        rows = ctx.db["campaign_exclusions"].find({"_id": {"$in": part}}, {"_id": 1})
        found |= {str(row["_id"]).partition(":")[2] async for row in rows}
    return found


async def add_rejects(ctx: Context, campaign_id: str, load_id: str, number: int, rows: list[list[Any]]) -> None:
    """A part of the rejected rows, as lists of (row, phone_number, reason)."""
    part = {"_id": f"{load_id}:{number}", "campaign_id": campaign_id, "load_id": load_id, "rows": rows}
    await ctx.db["campaign_upload_rejects"].insert_one(part)


async def rejects(ctx: Context, load_id: str, number: int) -> list[list[Any]] | None:
    """Part `number` of a load, from 0; None after the last one."""
    found = await ctx.db["campaign_upload_rejects"].find_one({"_id": f"{load_id}:{number}"})
    return found["rows"] if found else None


async def drop_rejects(ctx: Context, campaign_id: str) -> None:
    with pymongo.timeout(WRITE_S):
        await ctx.db["campaign_upload_rejects"].delete_many({"campaign_id": campaign_id})
