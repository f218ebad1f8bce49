"""A campaign as dialler and control plane leave it in the store: contacts and attempts in any state, for tests.

campaign = await add_campaign(bridge, config={"redial_rules": {"max_attempts": 1}})
row = await add_row(bridge, campaign, "+15550100", variables={"name": "Ana"})
call = await on_the_phone(bridge, campaign, row)            # an attempt in conversation, the contact `in_progress`
await send_result(bridge, call.session_id, disconnected_by="customer", call_duration_seconds=41.0)
await run_outbox(bridge)
"""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from voxbridge.contacts.rows import new_row
from voxbridge.outbox.service import Engine
from voxkit.contracts.campaigns import CampaignConfig
from voxkit.phone import phone_key

Document = dict[str, Any]
BOT = {
    "bot_id": "bot-a", "name": "A", "opening_message": "Hi", "system_prompt": "You are A.",
    "post_call_analysis_prompt": "Answer with JSON.",
}  # fmt: skip


@dataclass(frozen=True)
class PlacedCall:
    """A dial that was answered. `answered_at`: when."""

    row_id: str
    attempt_id: str
    session_id: str
    answered_at: datetime


async def add_bot(bridge: Any, bot_id: str = "bot-a", **changes: Any) -> str:
    answer = await bridge.admin.post("/api/v1/bots", json={**BOT, "bot_id": bot_id, **changes})
    assert answer.status_code == 201, answer.text
    return bot_id


async def add_campaign(
    bridge: Any, campaign_id: str = "c1", *, config: Document | None = None, **changes: Any
) -> Document:
    """A running campaign. `config`: the blocks that differ from the defaults; the window is always open."""
    window = {"start": "00:00", "end": "00:00"}
    config = {"campaign_mode": "multi_day", "time_window": window, **(config or {})}
    now = bridge.ctx.clock()
    campaign: Document = {
        "_id": campaign_id, "name": "Autumn", "bot_id": "bot-a", "number_pool": ["+15550199"], "status": "running",
        "completion_reason": None, "config": CampaignConfig.model_validate(config).model_dump(), "config_url": "",
        "run_number": 1, "restart_history": [], "run_window": None, "prepared_run": None, "upload": {"state": "ready"},
        "activity_log": [], "started_at": now, "completed_at": None, "created_at": now, "updated_at": now,
        "revision": 1, "last_row_no": 0,
    } | changes  # fmt: skip
    await bridge.ctx.db["campaigns"].insert_one(campaign)
    return campaign


async def add_row(bridge: Any, campaign: Document, number: str, **changes: Any) -> Document:
    """A contact, `pending` unless said otherwise. `variables`: what the list says of it."""
    found = await bridge.ctx.db["campaigns"].find_one({"_id": campaign["_id"]}, {"last_row_no": 1})
    row_no = (found or {}).get("last_row_no", 0) + 1
    row = new_row(
        campaign["_id"],
        campaign["run_number"],
        row_no,
        number=number,
        key=phone_key(number),
        variables=changes.pop("variables", {}),
        suppressed=False,
        source="csv",
        now=bridge.ctx.clock(),
    )
    row |= changes
    await bridge.ctx.db["campaigns"].update_one({"_id": campaign["_id"]}, {"$max": {"last_row_no": row_no}})
    await bridge.ctx.db["campaign_calls"].insert_one(row)
    return row


async def add_attempt(bridge: Any, row: Document, **changes: Any) -> Document:
    """An attempt as the dialler writes it: placed and ringing, without an outcome."""
    attempt_id = changes.pop("_id", uuid.uuid4().hex)
    attempt: Document = {
        "_id": attempt_id, "attempt_id": attempt_id, "campaign_id": row["campaign_id"], "campaign_call_id": row["_id"],
        "run_number": row["run_number"], "attempt_no": max(1, row["attempt_count"]), "kind": "initial",
        "callback_sequence": 0, "phone_number": row["phone_number"], "from_number": "+15550199", "carrier_id": "k1",
        "trunk_id": None, "room_name": None, "session_id": str(uuid.UUID(hex=attempt_id)),
        "dialled_at": bridge.ctx.clock() - timedelta(seconds=60), "ringing_at": None, "answered_at": None,
        "attached_at": None, "ended_at": None, "ring_seconds": None, "talk_seconds": None, "sip_status": None,
        "sip_reason": None, "amd": None, "disconnected_by": None, "system_disposition": None,
        "business_disposition": None, "outcome": None, "late": False, "error": None,
    } | changes  # fmt: skip
    await bridge.ctx.db["campaign_attempts"].insert_one(attempt)
    return attempt


async def on_the_phone(
    bridge: Any, campaign: Document, row: Document, *, status: str = "in_progress", **attempt: Any
) -> PlacedCall:
    """The contact is in an active state with an answered attempt; `attempt`: fields of it."""
    callback = attempt.get("kind") == "callback"
    attempt_count = row["attempt_count"] + (not callback)
    answered_at = attempt.pop("answered_at", bridge.ctx.clock() - timedelta(seconds=50))
    counted = {**row, "attempt_count": attempt_count}
    stored = await add_attempt(bridge, counted, answered_at=answered_at, **attempt)
    now = bridge.ctx.clock()
    held = {
        "status": status, "status_changed_at": now, "attempt_count": attempt_count, "lease_id": stored["_id"],
        "lease_owner": "dialler-1", "leased_at": now, "lease_expires_at": now + timedelta(seconds=30),
        "leased_from": row["status"], "current_attempt_id": stored["_id"], "current_session_id": stored["session_id"],
        "current_carrier_id": stored["carrier_id"], "current_from_number": stored["from_number"],
    }  # fmt: skip
    await bridge.ctx.db["campaign_calls"].update_one({"_id": row["_id"]}, {"$set": held})
    return PlacedCall(row["_id"], stored["_id"], stored["session_id"], answered_at)


async def send_result(bridge: Any, session_id: str, **fields: Any) -> Document:
    """What a worker posts after a call."""
    answer = await bridge.service.post("/api/v1/call-results", json={"session_id": session_id, **fields})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def run_outbox(bridge: Any, within_s: float = 20) -> None:
    """Do every job that is due; the workers of the running voxbridge take their share, so those are waited for."""
    async with asyncio.timeout(within_s):
        while await Engine(bridge.ctx).run_once() or await bridge.ctx.db["outbox"].count_documents(
            {"status": "leased"}
        ):
            await asyncio.sleep(0.01)


async def row_of(bridge: Any, row_id: str) -> Document:
    return await bridge.ctx.db["campaign_calls"].find_one({"_id": row_id})


async def attempt_of(bridge: Any, attempt_id: str) -> Document:
    return await bridge.ctx.db["campaign_attempts"].find_one({"_id": attempt_id})
