"""CDRs that came before their call, kept for a day."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pymongo import ASCENDING, IndexModel

from voxbridge.context import Context
from voxbridge.ids import new_id

Document = dict[str, Any]
INDEXES = [
    ("cdr_pending", IndexModel([("stream_id", ASCENDING)], name="stream_id")),
    ("cdr_pending", IndexModel([("expires_at", ASCENDING)], name="expires_at", expireAfterSeconds=0)),
]


async def keep(ctx: Context, stream_id: str, cdr: Document, expires_at: datetime) -> None:
    row = {"_id": new_id(), "stream_id": stream_id, "cdr": cdr, "expires_at": expires_at, "created_at": ctx.clock()}
    await ctx.db["cdr_pending"].insert_one(row)


async def pending(ctx: Context, stream_id: str, now: datetime) -> list[Document]:
    """What waits for a stream, oldest first."""
    rows = await ctx.db["cdr_pending"].find({"stream_id": stream_id}).limit(20).to_list()
    return sorted((row for row in rows if row["expires_at"] > now), key=lambda row: row["created_at"])


async def forget(ctx: Context, ids: list[str]) -> None:
    await ctx.db["cdr_pending"].delete_many({"_id": {"$in": ids}})


async def add_to_call(ctx: Context, session_id: str, fields: Document) -> bool:
    result = await ctx.db["calls"].update_one({"_id": session_id}, {"$set": fields})
    return bool(result.matched_count)
