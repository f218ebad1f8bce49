"""Contacts and attempts as a result moves them. A contact in `_processing` belongs to the job that took it there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pymongo.asynchronous.collection import AsyncCollection

from voxbridge.context import Context

Document = dict[str, Any]
PROCESSING = "_processing"


async def attempt_of(ctx: Context, session_id: str) -> Document | None:
    return await ctx.db["campaign_attempts"].find_one({"session_id": session_id})


async def has_attempt(ctx: Context, session_id: str) -> bool:
    return await ctx.db["campaign_attempts"].find_one({"session_id": session_id}, {"_id": 1}) is not None


async def campaign(ctx: Context, campaign_id: str) -> Document | None:
    return await ctx.db["campaigns"].find_one({"_id": campaign_id})


async def contact(ctx: Context, row_id: str) -> Document | None:
    return await ctx.db["campaign_calls"].find_one({"_id": row_id})


async def take(ctx: Context, row: Document, token: str, now: datetime) -> None:
    """An active contact → `_processing`, if it is as it was read. Read it again to see whether that was so."""
    as_read = {"_id": row["_id"], "status": row["status"], "current_session_id": row["current_session_id"]}
    taken = {
        "status": PROCESSING, "status_changed_at": now, "processing_token": token, "processing_at": now,
        "updated_at": now,
    }  # fmt: skip
    await ctx.db["campaign_calls"].update_one(as_read, {"$set": taken})


async def end_attempt(ctx: Context, attempt_id: str, fields: Mapping[str, Any]) -> None:
    await ctx.db["campaign_attempts"].update_one({"_id": attempt_id}, {"$set": dict(fields)})


async def give_back(ctx: Context, row: Document, fields: Mapping[str, Any]) -> bool:
    """`_processing` → its next state. False: it had left already."""
    mine = {"_id": row["_id"], "status": PROCESSING, "processing_token": row["processing_token"]}
    return bool((await ctx.db["campaign_calls"].update_one(mine, {"$set": dict(fields)})).matched_count)


async def bot(ctx: Context, bot_id: str) -> Document | None:
    """None: it is gone."""
    return await ctx.db["bots"].find_one({"_id": bot_id}, {"callback_prompt_injection": 1})


def attempts(ctx: Context) -> AsyncCollection[Document]:
    return ctx.db["campaign_attempts"]


async def attempts_of(ctx: Context, row_id: str) -> list[Document]:
    """All attempts of a contact; a contact has few."""
    return await ctx.db["campaign_attempts"].find({"campaign_call_id": row_id}).to_list()


async def contacts_of(ctx: Context, row_ids: list[str]) -> list[Document]:
    fields = {"status": 1, "variables": 1}
    return await ctx.db["campaign_calls"].find({"_id": {"$in": row_ids}}, fields).to_list()


async def carrier_names(ctx: Context, carrier_ids: list[str]) -> dict[str, str]:
    rows = await ctx.db["carriers"].find({"_id": {"$in": carrier_ids}}, {"name": 1}).to_list()
    return {row["_id"]: row.get("name") or "" for row in rows}
