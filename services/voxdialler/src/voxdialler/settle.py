"""The end of an attempt that no worker reports: its outcome, then the contact by the decision, then the seat."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from voxkit.campaigns import Ended, decide
from voxkit.log import get_logger

from voxdialler import attempts, checks, evidence, rows, seats
from voxdialler.attempts import Attempt
from voxdialler.context import Context
from voxdialler.crashpoints import crashpoint
from voxdialler.originate.base import CallView
from voxdialler.originate.outcomes import DISCONNECTED_BY, End

Document = dict[str, Any]
log = get_logger("voxdialler.settle")


async def settle(
    ctx: Context, attempt: Attempt, end: End, *, expected: tuple[str, ...], view: CallView | None = None
) -> None:
    """Close the attempt and move its contact on. Killed anywhere, a repeat from the stored outcome ends the same.

    Raises: LeaseLost when the contact has moved on; the attempt keeps its outcome.
    """
    crashpoint("settle.attempt")
    document = await close(ctx, attempt, end, view)
    crashpoint("settle.attempt.done")
    await finish(ctx, attempt, document, expected=expected)


async def finish(ctx: Context, attempt: Attempt, document: Document, *, expected: tuple[str, ...]) -> None:
    """The second half: the contact and the seat, from what the attempt's document says. Raises: LeaseLost."""
    outcome, ended_at = document["outcome"], document["ended_at"]
    row = await rows.read(ctx, attempt.row_id)
    campaign = await ctx.db["campaigns"].find_one({"_id": attempt.campaign_id})
    if row is None or campaign is None:
        raise rows.LeaseLost(f"{attempt.row_id}: the contact or its campaign is gone")
    suppressed = await checks.is_suppressed(ctx, attempt.campaign_id, row["phone_key"])
    decision = decide(
        campaign,
        row,
        Ended(
            outcome=outcome,
            disposition=None,
            ended_at=ended_at,
            customer_spoke=False,
            suppressed=suppressed,
            callback=None,
        ),
    )
    crashpoint("settle.row")
    ended = {
        "outcome": outcome, "disposition": document.get("system_disposition"), "session_id": attempt.session_id,
        "ended_at": ended_at,
    }  # fmt: skip
    await rows.settle(ctx, row, attempt.lease, expected, decision, ended)
    crashpoint("settle.row.done")
    log.info("attempt.settled", outcome=outcome, status=decision.status, line=decision.line, error=document["error"])
    crashpoint("settle.seat")
    await seats.give_back(ctx, attempt.id)
    crashpoint("settle.seat.done")


async def close(ctx: Context, attempt: Attempt, end: End, view: CallView | None) -> Document:
    """State `ended`. Returns: the attempt as it is stored, which may have ended before."""
    stored = await attempts.read(ctx, attempt.id) or {}
    if stored.get("outcome") is None:
        fields = _ending(ctx.now(), stored, end, view)
        await attempts.note(ctx, attempt.id, **fields)
        stored |= fields
        stored = await attempts.read(ctx, attempt.id) or stored
        evidence.ended(ctx, attempt, stored, end)
    return stored


def _ending(now: datetime, stored: Document, end: End, view: CallView | None) -> Document:
    ended_at = (view.ended_at if view else None) or now
    ringing_at = stored.get("ringing_at") or (view.ringing_at if view else None)
    answered_at = stored.get("answered_at") or (view.answered_at if view else None)
    rang_from = ringing_at or stored.get("dialled_at")
    return {
        "ringing_at": ringing_at,
        "answered_at": answered_at,
        "ended_at": ended_at,
        "ring_seconds": attempts.seconds_between(rang_from, answered_at or ended_at),
        "talk_seconds": attempts.seconds_between(answered_at, ended_at),
        "sip_status": view.sip_status if view else None,
        "sip_reason": end.reason,
        "amd": (view.amd if view else None) or stored.get("amd"),
        "disconnected_by": DISCONNECTED_BY[end.outcome],
        "system_disposition": end.outcome,
        "outcome": end.outcome,
        "error": end.reason if end.outcome in ("error", "abandoned") else None,
    }
