"""Campaigns for tests of their contacts."""

from __future__ import annotations

from typing import Any

from ..campaign_rows import add_campaign

Document = dict[str, Any]


async def add_draft(bridge: Any, campaign_id: str = "c1", **changes: Any) -> Document:
    """A campaign that never ran."""
    return await add_campaign(
        bridge, campaign_id, **({"status": "draft", "started_at": None, "upload": {"state": "none"}} | changes)
    )


async def rows_of(bridge: Any, campaign_id: str = "c1") -> list[Document]:
    """The contacts in the order of their rows."""
    return await bridge.ctx.db["campaign_calls"].find({"campaign_id": campaign_id}).sort([("row_no", 1)]).to_list()


async def campaign_of(bridge: Any, campaign_id: str = "c1") -> Document:
    return await bridge.ctx.db["campaigns"].find_one({"_id": campaign_id})
