"""What a config request reads besides bot, settings and calls."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from voxbridge.context import Context

Document = dict[str, Any]


async def context_event(ctx: Context, context_id: str, bot_id: str, now: datetime) -> Document | None:
    """The stored event of a prepared call; None when it is unknown, expired or another bot's."""
    found = await ctx.db["call_contexts"].find_one({"_id": context_id})
    if found is None or found.get("bot_id") != bot_id or found["expires_at"] <= now:
        return None
    event = found.get("connected_event")
    return event if isinstance(event, dict) else {}


async def contact(ctx: Context, campaign_call_id: str) -> Document | None:
    fields = {"campaign_id": 1, "run_number": 1, "current_session_id": 1}
    return await ctx.db["campaign_calls"].find_one({"_id": campaign_call_id}, fields)


async def attempt_of_session(ctx: Context, session_id: str) -> Document | None:
    fields = {"campaign_id": 1, "campaign_call_id": 1, "run_number": 1, "attempt_no": 1, "kind": 1}
    return await ctx.db["campaign_attempts"].find_one({"session_id": session_id}, fields)


async def campaign(ctx: Context, campaign_id: str) -> Document | None:
    return await ctx.db["campaigns"].find_one({"_id": campaign_id}, {"config.callback_detection": 1})
