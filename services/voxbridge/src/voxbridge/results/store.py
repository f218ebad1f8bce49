"""Results in MongoDB: who is first is decided by one write to the call; its heavy parts are written before it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pymongo.errors import DuplicateKeyError

from voxbridge.calls.store import NO_RESULT_YET
from voxbridge.context import Context

Document = dict[str, Any]


async def alias(ctx: Context, session_id: str) -> str | None:
    """The call under which a result without a session of its own was stored."""
    found = await ctx.db["idempotency"].find_one({"_id": f"result:{session_id}"})
    return str(found["session_id"]) if found else None


async def keep_alias(ctx: Context, session_id: str, stored_as: str, expires_at: datetime) -> None:
    values = {"session_id": stored_as, "expires_at": expires_at}
    await ctx.db["idempotency"].update_one({"_id": f"result:{session_id}"}, {"$setOnInsert": values}, upsert=True)


async def put_details(ctx: Context, detail_id: str, session_id: str, details: Document) -> None:
    await ctx.db["call_details"].update_one(
        {"_id": detail_id}, {"$set": {"session_id": session_id, **details}}, upsert=True
    )


async def drop_details(ctx: Context, detail_id: str) -> None:
    await ctx.db["call_details"].delete_one({"_id": detail_id})


async def insert_call(ctx: Context, record: Document) -> bool:
    """False: the call exists already."""
    try:
        await ctx.db["calls"].insert_one(record)
    except DuplicateKeyError:
        return False
    return True


async def complete_call(ctx: Context, session_id: str, fields: Document) -> bool:
    """The first result, once. It also takes the place of the sweeper's verdict. False: another one was first."""
    verdict = {name: "" for name in ("error", "disconnected_by") if name not in fields}
    result = await ctx.db["calls"].update_one({"_id": session_id, **NO_RESULT_YET}, {"$set": fields, "$unset": verdict})
    return bool(result.modified_count)


async def add_conflict(ctx: Context, session_id: str, fields: Document) -> None:
    """A second, different result: fill what was absent and count it."""
    update: Document = {"$inc": {"result_conflicts": 1}}
    if fields:
        update["$set"] = fields
    await ctx.db["calls"].update_one({"_id": session_id}, update)


async def bot_facts(ctx: Context, bot_id: str) -> Document:
    fields = {"name": 1, "sip_header_config": 1, "max_call_duration_seconds": 1}
    return await ctx.db["bots"].find_one({"_id": bot_id}, fields) or {}
