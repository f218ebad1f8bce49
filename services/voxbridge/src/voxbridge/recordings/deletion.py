"""The outbox job `recording_delete`: payload `{"key": …}`."""

from __future__ import annotations

from typing import Any

import obstore

from voxbridge.context import Context
from voxbridge.recordings.source import MISSING, object_store
from voxbridge.settings.service import get_settings


async def delete_recording(ctx: Context, job: dict[str, Any]) -> None:
    """Delete the object; one that is gone already is deleted. Raises store errors: the job is tried again."""
    store = object_store(ctx, await get_settings(ctx))
    if store is None:
        return
    try:
        await obstore.delete_async(store, job["payload"]["key"])
    except MISSING:
        return
