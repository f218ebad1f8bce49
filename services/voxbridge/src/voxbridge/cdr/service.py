"""Match a CDR with its call, whichever comes first."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from voxbridge.calls import store as calls
from voxbridge.cdr import store
from voxbridge.context import Context

Document = dict[str, Any]
KEPT = timedelta(hours=24)
_COPIES = {"cdr_talktime": "talktime", "cdr_call_status": "call_status", "cdr_recording_url": "recording_filename"}


def stream_of(cdr: Document) -> str:
    """`streamId`, else `stream_id`; `""` when there is none."""
    for key in ("streamId", "stream_id"):
        value = cdr.get(key)
        if isinstance(value, str | int) and not isinstance(value, bool) and str(value).strip():
            return str(value).strip()[:256]
    return ""


def fields_of(cdr: Document) -> Document:
    """What a CDR adds to a call; never status or analysis."""
    return {"cdr": cdr} | {name: cdr[key] for name, key in _COPIES.items() if cdr.get(key) is not None}


async def receive(ctx: Context, cdr: Document) -> Document:
    """Reply of the route."""
    stream_id = stream_of(cdr)
    if not stream_id:
        return {"status": "ignored", "reason": "no streamId"}
    if await _add(ctx, stream_id, cdr):
        return {"status": "ok", "stream_id": stream_id}
    await store.keep(ctx, stream_id, cdr, ctx.clock() + KEPT)
    # The call may have appeared since we looked: whoever comes second sees what the other one left.
    if await merge_pending(ctx, stream_id):
        return {"status": "ok", "stream_id": stream_id}
    return {"status": "not_found", "stream_id": stream_id}


async def _add(ctx: Context, stream_id: str, cdr: Document) -> bool:
    found = await calls.of_stream(ctx, stream_id)
    return bool(found) and await store.add_to_call(ctx, found[0]["_id"], fields_of(cdr))


async def merge_pending(ctx: Context, stream_id: str) -> bool:
    """Give the newest call of a stream what waited for it. True when something was merged."""
    waiting = await store.pending(ctx, stream_id, ctx.clock()) if stream_id else []
    if not waiting:
        return False
    merged = False
    for row in waiting:
        merged = await _add(ctx, stream_id, row["cdr"]) or merged
    if merged:
        await store.forget(ctx, [row["_id"] for row in waiting])
    return merged
