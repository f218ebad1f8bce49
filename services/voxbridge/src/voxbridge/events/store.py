"""Campaigns as the event stream shows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from voxbridge.campaigns.live import live_of
from voxbridge.context import Context

Document = dict[str, Any]
MOVING = ("running", "paused")
_SHOWN = {"status": 1, "stats": 1, "live": 1, "updated_at": 1}
AT_ONCE = 200


async def moving(ctx: Context) -> list[Document]:
    """Those whose figures may change by themselves."""
    return [row for status in MOVING for row in await _read(ctx, {"status": status})]


async def campaigns(ctx: Context, campaign_ids: Sequence[str]) -> list[Document]:
    if not campaign_ids:
        return []
    return await _read(ctx, {"_id": {"$in": list(campaign_ids[:AT_ONCE])}})


async def _read(ctx: Context, where: Document) -> list[Document]:
    """What is told of each: an edit that changes none of it is no event."""
    rows = await ctx.db["campaigns"].find(where, _SHOWN).to_list()
    now = ctx.clock()
    return [{"_id": r["_id"], "status": r["status"], "stats": r["stats"], "live": live_of(r, now)} for r in rows]
