"""Calls that nobody will finish, and calls that are kept no longer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from voxkit.log import get_logger

from voxbridge.calls import changes, store
from voxbridge.calls.service import delete_recording, remove
from voxbridge.context import Context
from voxbridge.outbox import service as outbox
from voxbridge.settings.service import get_settings

Document = dict[str, Any]
GRACE = timedelta(minutes=15)
LEADER_FOR_S = 15 * 60.0
SHORTEST_CALL = timedelta(seconds=10)
BATCH = 500
RECORDINGS_MARK = "recordings_retention"
VERDICT = {"status": "failed", "disconnected_by": "error"}
_OLDEST = datetime(2000, 1, 1, tzinfo=UTC)
_TICK = timedelta(milliseconds=1)
log = get_logger("voxbridge.calls")


def is_orphan(call: Document, now: datetime) -> bool:
    """Whether its result is overdue. Calls at the agent desk end there, not here."""
    if call.get("call_type") == "agent":
        return False
    longest = timedelta(seconds=call.get("max_call_duration_seconds") or 7_200)
    return now - call["created_at"] > longest + GRACE


async def close_orphans(ctx: Context) -> int:
    """Close calls without a result; only after a quarter of an hour as leader, when workers had time to deliver what
    they kept while we were away. Returns how many."""
    if ctx.leadership is None or ctx.leadership.held_s < LEADER_FOR_S:
        return 0
    return await sweep_orphans(ctx)


async def sweep_orphans(ctx: Context) -> int:
    now, closed = ctx.clock(), 0
    since, until = _OLDEST, now - GRACE - SHORTEST_CALL
    while rows := await store.in_progress_before(ctx, since, until, BATCH):
        for call in rows:
            if not is_orphan(call, now):
                continue
            await changes.ended(ctx, call, is_new=False)  # before, too: a crash in between must leave a mark
            if await store.close_orphan(ctx, call["_id"], now):
                await changes.ended(ctx, call | VERDICT, is_new=True)
                closed += 1
                ctx.metrics.orphans.inc()
                log.warning("call.orphan_closed", session_id=call["_id"])
        if len(rows) < BATCH:
            break
        since = rows[-1]["created_at"] + _TICK
    return closed


async def apply_retention(ctx: Context) -> None:
    """Calls, recordings and outbox jobs past their time, in batches."""
    retention = (await get_settings(ctx)).retention
    now = ctx.clock()
    if retention.calls_days:
        await _forget_calls(ctx, now - timedelta(days=retention.calls_days))
    if retention.recordings_days:
        await _forget_recordings(ctx, now - timedelta(days=retention.recordings_days))
    await outbox.sweep(ctx, BATCH)


async def _forget_calls(ctx: Context, before: datetime) -> None:
    since, gone = _OLDEST, 0
    while rows := await store.older_than(ctx, since, before, BATCH):
        for call in rows:
            if call["status"] != "in_progress":
                await remove(ctx, call)
                gone += 1
        since = rows[-1]["created_at"] + _TICK if len(rows) < BATCH else rows[-1]["created_at"]
        if all(call["status"] == "in_progress" for call in rows):
            since = rows[-1]["created_at"] + _TICK
    if gone:
        log.info("retention.calls", deleted=gone)


async def _forget_recordings(ctx: Context, before: datetime) -> None:
    """From where the last pass ended; a mark keeps it from reading all old calls every hour."""
    since, gone = await store.read_mark(ctx, RECORDINGS_MARK) or _OLDEST, 0
    while rows := await store.older_than(ctx, since, before, BATCH):
        for call in rows:
            if call.get("recording_key") or call.get("recording_url"):
                await delete_recording(ctx, call)
                await store.forget_recording(ctx, call["_id"])
                gone += 1
        since = rows[-1]["created_at"] + _TICK
        await store.write_mark(ctx, RECORDINGS_MARK, since)
    if gone:
        log.info("retention.recordings", deleted=gone)
