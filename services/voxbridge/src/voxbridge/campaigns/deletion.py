"""The outbox job `campaign_delete`: what belonged to a campaign that is gone. Payload `{"campaign_id": …}`."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pymongo

from voxbridge.campaigns import store
from voxbridge.context import Context
from voxbridge.ids import new_id
from voxbridge.outbox import store as outbox

KIND = "campaign_delete"
LATER = timedelta(seconds=15)  # longer than the write that follows it may take
WRITE_S = 300.0
COLLECTIONS = ("campaign_calls", "campaign_exclusions", "campaign_upload_rejects")


async def promise(ctx: Context, campaign_id: str) -> None:
    """Written before the campaign goes: a process that dies in between leaves nothing behind."""
    await outbox.insert(ctx, KIND, f"{campaign_id}:{new_id()}", {"campaign_id": campaign_id}, ctx.clock() + LATER)


async def delete_contacts(ctx: Context, job: dict[str, Any]) -> None:
    """Nothing, when the campaign stands: then its deletion was refused, or never came to it."""
    campaign_id = job["payload"]["campaign_id"]
    if await store.find(ctx, campaign_id) is None:
        await drop_contacts(ctx, campaign_id)


async def drop_contacts(ctx: Context, campaign_id: str) -> None:
    with pymongo.timeout(WRITE_S):
        for collection in COLLECTIONS:
            await ctx.db[collection].delete_many({"campaign_id": campaign_id})
