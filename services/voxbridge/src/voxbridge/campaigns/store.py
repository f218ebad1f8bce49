"""Campaigns in MongoDB. Every change is one compare-and-set on status, revision and upload."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pymongo
from pymongo import IndexModel
from pymongo.errors import DuplicateKeyError

from voxbridge.context import Context
from voxbridge.ids import new_id

Document = dict[str, Any]
LOG_KEPT = 200
COUNT_S = 120.0
_OLDEST = datetime(2000, 1, 1, tzinfo=UTC)
LOOKUP = 200  # values a query: the embedded server takes longer for each hit the longer the list is
INDEXES = [
    ("campaigns", IndexModel([("status", 1), ("created_at", -1), ("_id", -1)], name="status_created_at")),
    ("campaigns", IndexModel([("bot_id", 1)], name="bot_id")),
    ("campaigns", IndexModel([("unsettled", 1)], name="unsettled", sparse=True)),
    (
        "campaign_calls",
        IndexModel([("campaign_id", 1), ("status", 1), ("next_retry_at", 1), ("row_no", 1)], name="due"),
    ),
    ("campaign_calls", IndexModel([("status", 1), ("status_changed_at", 1)], name="status_changed_at")),
    (
        "campaign_calls",
        IndexModel(
            [("current_session_id", 1)],
            name="current_session_id",
            partialFilterExpression={"current_session_id": {"$gt": ""}},
        ),
    ),
    ("campaign_calls", IndexModel([("phone_key", 1)], name="phone_key")),
    ("campaign_attempts", IndexModel([("session_id", 1)], name="session_id", unique=True)),
    ("campaign_attempts", IndexModel([("campaign_id", 1), ("dialled_at", 1), ("_id", 1)], name="campaign_dialled_at")),
    ("campaign_attempts", IndexModel([("campaign_call_id", 1), ("attempt_no", 1), ("_id", 1)], name="contact")),
]
BRIEF = {
    "name": 1, "bot_id": 1, "status": 1, "completion_reason": 1, "run_number": 1, "prepared_run": 1, "stats": 1,
    "live": 1, "created_at": 1, "updated_at": 1, "started_at": 1, "completed_at": 1, "config.campaign_mode": 1,
    "config.always_on": 1,
}  # fmt: skip


async def find(ctx: Context, campaign_id: str) -> Document | None:
    return await ctx.db["campaigns"].find_one({"_id": campaign_id})


async def by_status(ctx: Context, *statuses: str) -> list[Document]:
    return [row for status in statuses for row in await ctx.db["campaigns"].find({"status": status}).to_list()]


async def unsettled(ctx: Context) -> list[Document]:
    """Campaigns that ended, and something of the end is still to be done."""
    return await ctx.db["campaigns"].find({"unsettled": True}).to_list()


async def insert(ctx: Context, campaign: Document) -> None:
    try:
        await ctx.db["campaigns"].insert_one(campaign)
    except DuplicateKeyError:
        # The id was made for this campaign: a first try of the driver was applied although its answer was lost.
        return


async def swap(
    ctx: Context, seen: Mapping[str, Any], changes: Mapping[str, Any], *, activity: Document | None = None, **where: Any
) -> bool:
    """One compare-and-set from what was seen. False: somebody changed the campaign, or loads contacts into it."""
    token = new_id()
    update: Document = {
        "$set": {**changes, "revision": seen["revision"] + 1, "write_id": token, "updated_at": ctx.clock()}
    }
    if activity:
        update["$push"] = {"activity_log": {"$each": [activity], "$slice": -LOG_KEPT}}
    done = await ctx.db["campaigns"].update_one({**_unchanged(seen), **where}, update)
    if done.modified_count:
        return True
    # A repeat by the driver matches nothing although its first try was applied: look for our own token.
    return await ctx.db["campaigns"].find_one({"_id": seen["_id"], "write_id": token}, {"_id": 1}) is not None


def _unchanged(seen: Mapping[str, Any]) -> Document:
    upload = seen.get("upload") or {}
    return {
        "_id": seen["_id"],
        "status": seen["status"],
        "revision": seen["revision"],
        "upload.state": upload.get("state"),
        "upload.load_id": upload.get("load_id"),
    }


async def write_stats(ctx: Context, campaign_id: str, run_number: int, stats: Document) -> None:
    """No change of the campaign itself: its revision stays."""
    await ctx.db["campaigns"].update_one({"_id": campaign_id, "run_number": run_number}, {"$set": {"stats": stats}})


async def note_reset(ctx: Context, seen: Mapping[str, Any], changes: Document) -> bool:
    """How far the contacts are reset; no change of the campaign itself. False: it is not in this run any more."""
    same = {
        "_id": seen["_id"], "run_number": seen["run_number"], "status": {"$in": ["running", "paused"]},
        "prepared_run.scope": seen["prepared_run"]["scope"],
    }  # fmt: skip
    return (await ctx.db["campaigns"].update_one(same, {"$set": changes})).matched_count == 1


async def settled(ctx: Context, seen: Mapping[str, Any]) -> None:
    same = {"_id": seen["_id"], "status": seen["status"], "run_number": seen["run_number"]}
    await ctx.db["campaigns"].update_one(same, {"$unset": {"unsettled": ""}})


async def delete(ctx: Context, seen: Mapping[str, Any]) -> bool:
    """False: it is not what it was when it was judged."""
    if (await ctx.db["campaigns"].delete_one(_unchanged(seen))).deleted_count:
        return True
    return await find(ctx, seen["_id"]) is None


async def bot(ctx: Context, bot_id: str) -> Document | None:
    """What a campaign needs to know of its bot."""
    fields = {"name": 1, "is_active": 1, "timezone": 1, "active_hours": 1, "callback_prompt_injection": 1}
    return await ctx.db["bots"].find_one({"_id": bot_id}, fields)


async def bot_names(ctx: Context, bot_ids: Sequence[str]) -> dict[str, str]:
    rows = await ctx.db["bots"].find({"_id": {"$in": list(set(bot_ids))}}, {"name": 1}).to_list()
    return {row["_id"]: row.get("name", "") for row in rows}


async def numbers(ctx: Context, keys: Sequence[str]) -> dict[str, Document]:
    """Those of our numbers that a carrier has: digits -> its entry (`number`, `direction`)."""
    found: dict[str, Document] = {}
    for at in range(0, len(keys), LOOKUP):
        part = {"dids.phone_key": {"$in": list(keys[at : at + LOOKUP])}}
        async for carrier in ctx.db["carriers"].find(part, {"dids": 1}):
            found |= {did["phone_key"]: did for did in carrier.get("dids") or []}
    return {key: found[key] for key in keys if key in found}


async def contact_groups(ctx: Context, campaign_id: str) -> list[Document]:
    """Contacts by run and state: `{run, status, connected, outcome, count}`."""
    by = {"run": "$run_number", "status": "$status", "connected": "$connected_once", "outcome": "$last_outcome"}
    return await _groups(ctx, "campaign_calls", campaign_id, by)


async def attempt_groups(ctx: Context, campaign_id: str) -> list[Document]:
    """Attempts by run and end: `{run, outcome, dialled, answered, count}`."""
    by = {
        "run": "$run_number",
        "outcome": "$outcome",
        "dialled": {"$gt": ["$dialled_at", None]},
        "answered": {"$gt": ["$answered_at", None]},
    }
    return await _groups(ctx, "campaign_attempts", campaign_id, by)


async def answered_contacts(ctx: Context, campaign_id: str) -> dict[int, int]:
    """Contacts that somebody, or a machine, answered in an attempt that has ended: run -> count."""
    ended = {"answered_at": {"$gt": _OLDEST}, "outcome": {"$nin": [None, "not_placed"]}}
    with pymongo.timeout(COUNT_S):
        found = await ctx.db["campaign_attempts"].aggregate(
            [
                {"$match": {"campaign_id": campaign_id, **ended}},
                {"$group": {"_id": {"run": "$run_number", "contact": "$campaign_call_id"}}},
                {"$group": {"_id": "$_id.run", "count": {"$sum": 1}}},
            ]
        )
        return {row["_id"]: row["count"] for row in await found.to_list()}


async def _groups(ctx: Context, collection: str, campaign_id: str, by: Document) -> list[Document]:
    with pymongo.timeout(COUNT_S):
        found = await ctx.db[collection].aggregate(
            [{"$match": {"campaign_id": campaign_id}}, {"$group": {"_id": by, "count": {"$sum": 1}}}]
        )
        return [{**row["_id"], "count": row["count"]} for row in await found.to_list()]


async def stuck(ctx: Context, status: str, before: datetime) -> list[Document]:
    """Contacts that have been in a state since before a time; at most a thousand, the oldest first."""
    since = {"status": status, "status_changed_at": {"$gte": _OLDEST, "$lt": before}}
    rows = ctx.db["campaign_calls"].find(since, {"campaign_id": 1, "current_session_id": 1})
    return await rows.sort([("status_changed_at", 1)]).limit(1_000).to_list()


async def contacts_with(ctx: Context, keys: Sequence[str], fields: Document) -> list[Document]:
    """Contacts of all campaigns with one of these numbers (digits)."""
    return await ctx.db["campaign_calls"].find({"phone_key": {"$in": list(keys)}}, fields).to_list()


async def read_mark(ctx: Context, name: str) -> datetime:
    row = await ctx.db["meta"].find_one({"_id": name})
    return row["upto"] if row else _OLDEST


async def write_mark(ctx: Context, name: str, upto: datetime) -> None:
    await ctx.db["meta"].update_one({"_id": name}, {"$set": {"upto": upto}}, upsert=True)
