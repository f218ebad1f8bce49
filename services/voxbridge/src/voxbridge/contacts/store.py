"""Contacts in MongoDB: `campaign_calls` (`_id` = `contact_id`), the numbers that a campaign must not dial, and the
rejected rows of the last upload.

`row_no` orders the contacts of a campaign. `last_row_no` of the campaign is never below any of them, so windows of
`row_no` reach every contact: each one is a closed range of one index, whatever server answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pymongo
from pymongo import IndexModel, ReturnDocument, UpdateOne
from pymongo.asynchronous.collection import AsyncCollection

from voxbridge.bulk import WRITE_S, insert_missing, parts
from voxbridge.context import Context

Document = dict[str, Any]
BATCH = 5_000
INDEXES = [
    ("campaign_calls", IndexModel([("campaign_id", 1), ("row_no", 1)], name="campaign_row_no")),
    # Not a partial one: the embedded server tells a date in such a condition as a text, and a restored backup then has
    # another index under this name.
    (
        "campaign_calls",
        IndexModel([("campaign_id", 1), ("last_attempt_at", -1), ("_id", -1)], name="campaign_attempted"),
    ),
    ("campaign_exclusions", IndexModel([("campaign_id", 1), ("at", -1), ("_id", -1)], name="campaign_at")),
    ("campaign_upload_rejects", IndexModel([("campaign_id", 1)], name="campaign_id")),
]


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


async def insert_rows(ctx: Context, rows: Sequence[Document]) -> set[str]:
    """Returns the ids that stand there already; those rows are left alone."""
    return {str(row["_id"]) for row in await insert_missing(contacts(ctx), rows)}


def contacts(ctx: Context) -> AsyncCollection[Document]:
    return ctx.db["campaign_calls"]


def exclusions(ctx: Context) -> AsyncCollection[Document]:
    return ctx.db["campaign_exclusions"]


async def find_rows(ctx: Context, ids: Sequence[str], fields: Sequence[str] = ()) -> list[Document]:
    found: list[Document] = []
    for part in parts(ids):
        found += await contacts(ctx).find({"_id": {"$in": part}}, list(fields) or None).to_list()
    return found


async def reserve_rows(ctx: Context, campaign: Mapping[str, Any], states: Sequence[str], count: int) -> int | None:
    """The first of `count` new row numbers; None: the campaign takes no contacts any more."""
    same = {
        "_id": campaign["_id"], "status": {"$in": list(states)}, "run_number": campaign["run_number"],
        "upload.state": {"$nin": ["loading", "failed"]},
    }  # fmt: skip
    after = await ctx.db["campaigns"].find_one_and_update(
        same, {"$inc": {"last_row_no": count}}, projection={"last_row_no": 1}, return_document=ReturnDocument.AFTER
    )
    return after["last_row_no"] - count + 1 if after else None


async def change_rows(ctx: Context, changes: Sequence[tuple[Document, Document]]) -> None:
    """Compare-and-set of many contacts: (row as it was read, what to `$set`); those that moved on stay as they are."""
    steps = [UpdateOne({"_id": row["_id"], "status": row["status"]}, {"$set": values}) for row, values in changes]
    if steps:
        with pymongo.timeout(WRITE_S):
            await contacts(ctx).bulk_write(steps, ordered=False)


async def add_exclusions(ctx: Context, entries: Sequence[Document]) -> None:
    """Entries that stand already stay as they are."""
    await insert_missing(exclusions(ctx), entries)


async def delete_exclusion(ctx: Context, campaign_id: str, key: str) -> bool:
    return (await exclusions(ctx).delete_one({"_id": f"{campaign_id}:{key}"})).deleted_count == 1


async def excluded_keys(ctx: Context, campaign_id: str, keys: Sequence[str]) -> set[str]:
    """Those of the numbers that this campaign must not dial."""
    found: set[str] = set()
    for part in parts([f"{campaign_id}:{key}" for key in keys]):
        rows = ctx.db["campaign_exclusions"].find({"_id": {"$in": part}}, {"_id": 1})
        found |= {str(row["_id"]).partition(":")[2] async for row in rows}
    return found


async def add_rejects(ctx: Context, campaign_id: str, load_id: str, number: int, rows: list[list[Any]]) -> None:
    """A part of the rejected rows, as lists of (row, phone_number, reason)."""
    part = {"_id": f"{load_id}:{number}", "campaign_id": campaign_id, "load_id": load_id, "rows": rows}
    await insert_missing(ctx.db["campaign_upload_rejects"], [part])


async def rejects(ctx: Context, load_id: str, number: int) -> list[list[Any]] | None:
    """Part `number` of a load, from 0; None after the last one."""
    found = await ctx.db["campaign_upload_rejects"].find_one({"_id": f"{load_id}:{number}"})
    return found["rows"] if found else None


async def drop_rejects(ctx: Context, campaign_id: str) -> None:
    with pymongo.timeout(WRITE_S):
        await ctx.db["campaign_upload_rejects"].delete_many({"campaign_id": campaign_id})
