"""Contacts that stay in `_processing`: the job that took them there died, or was given up. It is done again."""

from __future__ import annotations

from datetime import timedelta

from voxkit.log import get_logger

from voxbridge.attempts import reconcile
from voxbridge.attempts.store import PROCESSING
from voxbridge.campaigns import store
from voxbridge.context import Context
from voxbridge.outbox import service as outbox

STUCK_AFTER = timedelta(seconds=120)
log = get_logger("voxbridge.campaigns")


async def process_again(ctx: Context) -> None:
    for row in await store.stuck(ctx, PROCESSING, ctx.clock() - STUCK_AFTER):
        session_id = row["current_session_id"]
        if await outbox.ensure(ctx, reconcile.KIND, session_id, {"session_id": session_id}):
            log.warning("campaign.processed_again", campaign_id=row["campaign_id"], session_id=session_id)
