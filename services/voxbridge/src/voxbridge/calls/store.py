"""Calls in MongoDB: `calls` holds what lists and filters read, `call_details` the heavy parts of a result.

A row of `call_details` belongs to the call that names it in `detail_id`; `session_id` leads back.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, DESCENDING, IndexModel

from voxbridge.context import Context

Document = dict[str, Any]


def _newest(name: str, *fields: str, **options: Any) -> tuple[str, IndexModel]:
    keys = [(field, ASCENDING) for field in fields]
    return "calls", IndexModel([*keys, ("created_at", DESCENDING), ("_id", DESCENDING)], name=name, **options)


INDEXES = [
    ("calls", IndexModel([("stream_id", ASCENDING)], name="stream_id")),
    ("calls", IndexModel([("call_id", ASCENDING)], name="call_id", sparse=True)),
    ("calls", IndexModel([("recording_access_token", ASCENDING)], name="recording_token", unique=True, sparse=True)),
    _newest("created_at"),
    _newest("bot_id", "bot_id"),
    _newest("campaign_id", "campaign_id"),
    _newest("status", "status"),
    _newest("disposition", "disposition"),
    _newest("bot_disposition", "bot_id", "disposition"),
    _newest("campaign_disposition", "campaign_id", "disposition"),
    ("calls", IndexModel([("duration_order", DESCENDING), ("_id", DESCENDING)], name="duration_order")),
    ("calls", IndexModel([("phone_rev", ASCENDING), ("_id", ASCENDING)], name="phone_rev")),
    ("calls", IndexModel([("bucket_utc", ASCENDING)], name="bucket_utc")),
    ("call_details", IndexModel([("session_id", ASCENDING)], name="session_id")),
    ("integration_log", IndexModel([("session_id", ASCENDING), ("at", ASCENDING)], name="session_at")),
]
NO_RESULT_YET = {"result_received_at": {"$exists": False}}


async def find(ctx: Context, session_id: str, projection: Mapping[str, Any] | None = None) -> Document | None:
    return await ctx.db["calls"].find_one({"_id": session_id}, projection)


async def find_many(ctx: Context, session_ids: list[str], projection: Mapping[str, Any]) -> list[Document]:
    return await ctx.db["calls"].find({"_id": {"$in": session_ids}}, projection).to_list()


async def details(ctx: Context, call: Document) -> Document:
    """The heavy parts of a call; `{}` before its result."""
    if not call.get("detail_id"):
        return {}
    found = await ctx.db["call_details"].find_one({"_id": call["detail_id"]})
    return {key: value for key, value in (found or {}).items() if key not in ("_id", "session_id")}


async def of_stream(ctx: Context, stream_id: str) -> list[Document]:
    """The newest calls of a carrier's stream, newest first, at most five."""
    fields = {"bot_id": 1, "status": 1, "created_at": 1}
    return await ctx.db["calls"].find({"stream_id": stream_id}, fields).sort([("created_at", -1)]).limit(5).to_list()


async def insert_skeleton(ctx: Context, record: Document) -> None:
    """Once per session: a repeat changes nothing."""
    values = {key: value for key, value in record.items() if key != "_id"}
    await ctx.db["calls"].update_one({"_id": record["_id"]}, {"$setOnInsert": values}, upsert=True)


async def by_field(ctx: Context, where: Document, projection: Mapping[str, Any], limit: int) -> list[Document]:
    """Calls by equality or range on one indexed field, in no order."""
    return await ctx.db["calls"].find(where, projection).limit(limit).to_list()


async def by_token(ctx: Context, token: str) -> Document | None:
    return await ctx.db["calls"].find_one({"recording_access_token": token})


async def delete(ctx: Context, session_id: str) -> None:
    """The record last: a crash before it leaves something that can be deleted again."""
    await ctx.db["call_details"].delete_many({"session_id": session_id})
    await ctx.db["integration_log"].delete_many({"session_id": session_id})
    await ctx.db["calls"].delete_one({"_id": session_id})


async def take_token(ctx: Context, session_id: str) -> None:
    """The public link to the recording dies at once."""
    await ctx.db["calls"].update_one({"_id": session_id}, {"$unset": {"recording_access_token": ""}})


async def close_orphan(ctx: Context, session_id: str, now: datetime) -> bool:
    """Verdict of the sweeper; a result that arrived meanwhile wins."""
    verdict = {"status": "failed", "disconnected_by": "error", "error": "no_result", "completed_at": now}
    result = await ctx.db["calls"].update_one(
        {"_id": session_id, "status": "in_progress", **NO_RESULT_YET}, {"$set": verdict}
    )
    return bool(result.modified_count)


async def in_progress_before(ctx: Context, since: datetime, before: datetime, limit: int) -> list[Document]:
    """Calls without a result that began in `[since, before)`, oldest first."""
    where = {"status": "in_progress", "created_at": {"$gte": since, "$lt": before}}
    fields = {"created_at": 1, "max_call_duration_seconds": 1, "call_type": 1}
    return await ctx.db["calls"].find(where, fields).sort([("created_at", 1)]).limit(limit).to_list()


async def older_than(ctx: Context, since: datetime, before: datetime, limit: int) -> list[Document]:
    """Calls that began in `[since, before)`, oldest first."""
    where = {"created_at": {"$gte": since, "$lt": before}}
    fields = {"created_at": 1, "status": 1, "recording_key": 1, "recording_url": 1}
    return await ctx.db["calls"].find(where, fields).sort([("created_at", 1)]).limit(limit).to_list()


async def forget_recording(ctx: Context, session_id: str) -> None:
    gone = {"recording_key": "", "recording_url": "", "recording_access_token": ""}
    await ctx.db["calls"].update_one({"_id": session_id}, {"$unset": gone})


async def integration_log(ctx: Context, session_id: str) -> AsyncIterator[Document]:
    async for entry in (
        ctx.db["integration_log"].find({"session_id": session_id}, {"_id": 0}).sort([("at", 1)]).limit(200)
    ):
        yield entry


async def campaign_name(ctx: Context, campaign_id: str) -> str:
    found = await ctx.db["campaigns"].find_one({"_id": campaign_id}, {"name": 1})
    return str((found or {}).get("name") or "")


async def campaigns_of(ctx: Context, campaign_call_ids: list[str]) -> list[str]:
    """Campaigns of contacts."""
    rows = await ctx.db["campaign_calls"].find({"_id": {"$in": campaign_call_ids}}, {"campaign_id": 1}).to_list()
    return list(dict.fromkeys(row["campaign_id"] for row in rows if row.get("campaign_id")))


async def read_mark(ctx: Context, name: str) -> datetime | None:
    """How far a background pass has come."""
    found = await ctx.db["meta"].find_one({"_id": name})
    return found["until"] if found else None


async def write_mark(ctx: Context, name: str, until: datetime) -> None:
    await ctx.db["meta"].update_one({"_id": name}, {"$set": {"until": until}}, upsert=True)
