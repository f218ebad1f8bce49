"""Campaigns as the event stream shows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from voxbridge.context import Context

Document = dict[str, Any]
MOVING = ("running", "paused")
_SHOWN = {"status": 1, "stats": 1, "live": 1}
AT_ONCE = 200


async def moving(ctx: Context) -> list[Document]:
    """Those whose figures may change by themselves."""
    return [row for status in MOVING for row in await ctx.db["campaigns"].find({"status": status}, _SHOWN).to_list()]


async def campaigns(ctx: Context, campaign_ids: Sequence[str]) -> list[Document]:
    if not campaign_ids:
        return []
    return await ctx.db["campaigns"].find({"_id": {"$in": list(campaign_ids[:AT_ONCE])}}, _SHOWN).to_list()
