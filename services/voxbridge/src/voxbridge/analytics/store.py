"""Counters and what is to be counted again.

`call_stats`: a document per bucket of 15 minutes, by bot and campaign; `call_stats_all`: its sum, apart as the store
reads documents whole. `call_stats_days`: per day of the display zone, one of all calls and one of each bot, so that a
question for one bot reads no figures of the others. `call_stats_due` is written by whoever changes a call,
`call_stats_counting` taken up by the leader: a bucket leaves it when its figures are stored, so a crash at any point
costs a repeat only.
"""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any

import pymongo
from pymongo import IndexModel, UpdateOne
from pymongo.errors import DuplicateKeyError

from voxbridge.analytics.tally import FIELDS
from voxbridge.context import Context

Document = dict[str, Any]
# `key` repeats `_id`: the embedded server reads the whole collection for a range of `_id`.
INDEXES = [
    ("call_stats", IndexModel([("key", 1)], name="key")),
    ("call_stats_all", IndexModel([("key", 1)], name="key")),
    ("call_stats_days", IndexModel([("key", 1)], name="key")),
    ("call_stats_days", IndexModel([("day", 1)], name="day")),
]
# Where each part of a bucket stands.
BUCKETS = {"rows": "call_stats", "all": "call_stats_all"}
META = "call_stats"
BATCH = 1_000
SCAN_S = 600.0
_CALL = {"_id": 0, **dict.fromkeys(FIELDS, 1)}


async def mark(ctx: Context, bucket: datetime) -> None:
    """To be counted again. A bucket that is marked already costs one look and no write."""
    try:
        await ctx.db["call_stats_due"].update_one({"_id": bucket}, {"$setOnInsert": {"_id": bucket}}, upsert=True)
    except DuplicateKeyError:
        return  # marked by somebody else in the same moment


async def take_due(ctx: Context, limit: int) -> list[datetime]:
    """Buckets to count now, those of a pass that broke off among them.

    The mark goes before the calls are read: whoever changes a call later marks its bucket anew.
    """
    due = [row["_id"] for row in await ctx.db["call_stats_due"].find({}).limit(limit).to_list()]
    if due:
        taken = [UpdateOne({"_id": bucket}, {"$setOnInsert": {"_id": bucket}}, upsert=True) for bucket in due]
        await ctx.db["call_stats_counting"].bulk_write(taken, ordered=False)
        await ctx.db["call_stats_due"].delete_many({"_id": {"$in": due}})
    return [row["_id"] for row in await ctx.db["call_stats_counting"].find({}).limit(limit).to_list()]


async def counted(ctx: Context, buckets: Sequence[datetime]) -> None:
    if buckets:
        await ctx.db["call_stats_counting"].delete_many({"_id": {"$in": list(buckets)}})


async def calls_of(ctx: Context, bucket: datetime) -> AsyncIterator[list[Document]]:
    """The calls that began in a bucket, in batches."""
    rows = ctx.db["calls"].find({"bucket_utc": bucket}, _CALL, batch_size=BATCH)
    batch: list[Document] = []
    async for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    yield batch


async def revision(ctx: Context, collection: str, identity: Any) -> int:
    """0: there is no document."""
    found = await ctx.db[collection].find_one({"_id": identity}, {"revision": 1})
    return int(found["revision"]) if found else 0


async def put(ctx: Context, collection: str, identity: Any, seen: int, figures: Document | None) -> bool:
    """Replace what was seen; None: nothing is left to count. False: somebody else counted meanwhile."""
    stats = ctx.db[collection]
    if figures is None:
        await stats.delete_one({"_id": identity, "revision": seen})
        return await stats.find_one({"_id": identity}, {"_id": 1}) is None
    new = {"_id": identity, "key": identity, "revision": seen + 1, **figures}
    if seen == 0:
        try:
            await stats.insert_one(new)
        except DuplicateKeyError:
            return False
        return True
    return bool((await stats.replace_one({"_id": identity, "revision": seen}, new)).matched_count)


async def buckets(ctx: Context, since: datetime, until: datetime, part: str) -> list[Document]:
    """Buckets that begin in `[since, until)`: `part` (`all` or `rows`) of each, oldest first."""
    return await _range(ctx, BUCKETS[part], since, until, part)


async def parts_of_day(ctx: Context, day: str) -> list[Document]:
    """All documents of one day."""
    return await ctx.db["call_stats_days"].find({"day": day}).to_list()


async def bot_of(ctx: Context, campaign_id: str) -> str:
    """The bot of a campaign, which stays from its first run on; "" when there is no such campaign."""
    found = await ctx.db["campaigns"].find_one({"_id": campaign_id}, {"bot_id": 1})
    return str(found["bot_id"]) if found else ""


async def days(ctx: Context, first: str, after: str, part: str) -> list[Document]:
    """Days from `first` to before `after`, by their ids; with `day`, its name."""
    return await _range(ctx, "call_stats_days", first, after, part)


async def _range(ctx: Context, collection: str, low: Any, high: Any, part: str) -> list[Document]:
    rows = ctx.db[collection].find({"key": {"$gte": low, "$lt": high}}, {part: 1, "day": 1})
    return await rows.sort([("key", 1)]).to_list()


async def all_buckets(ctx: Context) -> list[datetime]:
    """Every bucket that has calls or figures; reads a whole index, so only a recount of everything asks for it."""
    with pymongo.timeout(SCAN_S):
        of_calls = await ctx.db["calls"].distinct("bucket_utc")
        of_stats = [await ctx.db[name].distinct("_id") for name in BUCKETS.values()]
    found = {bucket for bucket in itertools.chain(of_calls, *of_stats) if isinstance(bucket, datetime)}
    return sorted(found)


async def mark_many(ctx: Context, buckets: Sequence[datetime]) -> None:
    for begin in range(0, len(buckets), BATCH):
        part = buckets[begin : begin + BATCH]
        marks = [UpdateOne({"_id": bucket}, {"$setOnInsert": {"_id": bucket}}, upsert=True) for bucket in part]
        with pymongo.timeout(SCAN_S):
            await ctx.db["call_stats_due"].bulk_write(marks, ordered=False)


async def forget_days(ctx: Context) -> None:
    await ctx.db["call_stats_days"].delete_many({})


async def running_campaigns(ctx: Context, bot_id: str, campaign_id: str) -> int:
    """Of this bot and this campaign; "" means any."""
    running = await ctx.db["campaigns"].find({"status": "running"}, {"bot_id": 1}).to_list()
    return sum(bot_id in ("", row["bot_id"]) and campaign_id in ("", row["_id"]) for row in running)


async def meta(ctx: Context) -> Document:
    """`{version, zone}`: by which rules everything was counted once, and the zone of the days."""
    return await ctx.db["meta"].find_one({"_id": META}) or {}


async def write_meta(ctx: Context, **fields: Any) -> None:
    await ctx.db["meta"].update_one({"_id": META}, {"$set": fields}, upsert=True)
