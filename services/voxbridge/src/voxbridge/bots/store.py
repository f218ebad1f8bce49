"""Bots in MongoDB, and what else points to them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from voxbridge.context import Context

Document = dict[str, Any]
INDEXES = [
    ("bots", IndexModel([("name", ASCENDING), ("_id", ASCENDING)], name="name")),
    ("call_contexts", IndexModel([("expires_at", ASCENDING)], name="expires_at", expireAfterSeconds=0)),
]
BRIEF = {"name": 1, "is_active": 1, "updated_at": 1} | {
    f"{stage}.{field}": 1 for stage in ("stt", "llm", "tts") for field in ("provider", "model")
}


async def find(ctx: Context, bot_id: str) -> Document | None:
    return await ctx.db["bots"].find_one({"_id": bot_id})


async def insert(ctx: Context, bot: Document) -> bool:
    """False: the id is taken."""
    try:
        await ctx.db["bots"].insert_one(bot)
    except DuplicateKeyError:
        # The driver repeats a write whose answer was lost: then the bot found is ours.
        stored = await find(ctx, bot["_id"])
        return stored is not None and stored.get("write_id") == bot["write_id"]
    return True


async def update(ctx: Context, bot_id: str, revision: int, changes: Document) -> bool:
    """Compare-and-set on the revision. False: somebody was faster, or the bot is gone."""
    result = await ctx.db["bots"].update_one(
        {"_id": bot_id, "revision": revision}, {"$set": {**changes, "revision": revision + 1}}
    )
    if result.modified_count:
        return True
    mine = {"_id": bot_id, "write_id": changes["write_id"]}
    return await ctx.db["bots"].find_one(mine, {"_id": 1}) is not None


async def delete(ctx: Context, bot_id: str) -> None:
    await ctx.db["bots"].delete_one({"_id": bot_id})


async def everything(ctx: Context) -> AsyncIterator[Document]:
    async for bot in ctx.db["bots"].find({}):
        yield bot


async def names_of(ctx: Context, bot_ids: list[str]) -> dict[str, str]:
    rows = await ctx.db["bots"].find({"_id": {"$in": bot_ids}}, {"name": 1}).to_list()
    return {row["_id"]: row.get("name", "") for row in rows}


async def running_campaigns(ctx: Context, bot_id: str) -> list[Document]:
    """Campaigns that are dialling with the bot now."""
    rows = await ctx.db["campaigns"].find({"bot_id": bot_id}, {"name": 1, "status": 1}).to_list()
    return [{"campaign_id": row["_id"], "name": row.get("name", "")} for row in rows if row.get("status") == "running"]


async def locked_bots(ctx: Context) -> set[str]:
    """Bots that a running campaign uses."""
    rows = await ctx.db["campaigns"].find({"status": "running"}, {"bot_id": 1}).to_list()
    return {row["bot_id"] for row in rows if row.get("bot_id")}


async def users_of(ctx: Context, bot_id: str) -> list[str]:
    """What would be left without a bot: draft and paused campaigns, and numbers, in words."""
    campaigns = await ctx.db["campaigns"].find({"bot_id": bot_id}, {"name": 1, "status": 1}).to_list()
    uses = [
        f"campaign {row.get('name') or row['_id']} ({row['status']})"
        for row in campaigns
        if row.get("status") in ("draft", "paused")
    ]
    carriers = await ctx.db["carriers"].find({"dids.bot_id": bot_id}, {"dids": 1}).to_list()
    numbers = [did for carrier in carriers for did in carrier.get("dids") or [] if did.get("bot_id") == bot_id]
    return uses + [f"number {did.get('number', '?')}" for did in numbers]


async def insert_context(ctx: Context, context_id: str, bot_id: str, event: Document, expires_at: datetime) -> None:
    await ctx.db["call_contexts"].insert_one(
        {"_id": context_id, "bot_id": bot_id, "connected_event": event, "expires_at": expires_at}
    )
