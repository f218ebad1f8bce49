"""A campaign as it stands in the store, for tests of its contacts."""

from __future__ import annotations

from typing import Any

Document = dict[str, Any]


async def add_campaign(bridge: Any, campaign_id: str = "c1", **changes: Any) -> Document:
    """A draft that never ran."""
    campaign: Document = {
        "_id": campaign_id, "name": "Autumn", "bot_id": "demo", "number_pool": [], "status": "draft", "run_number": 1,
        "restart_history": [], "started_at": None, "completed_at": None, "upload": {"state": "none"},
        "created_at": bridge.ctx.clock(), "revision": 1,
    }  # fmt: skip
    await bridge.ctx.db["campaigns"].insert_one(campaign | changes)
    return campaign | changes


async def rows_of(bridge: Any, campaign_id: str = "c1") -> list[Document]:
    """The contacts in the order of their rows."""
    return await bridge.ctx.db["campaign_calls"].find({"campaign_id": campaign_id}).sort([("row_no", 1)]).to_list()
