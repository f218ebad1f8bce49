"""The bot is brought to a callee who waits in a room: section 12 of the contract, its table."""

from __future__ import annotations

from typing import Any

from voxkit.errors import VoxError
from voxkit.log import get_logger
from voxkit.registry import StartFailed, StartUnknown

from voxdialler import attempts, evidence, rows, screening, seats
from voxdialler.attempts import Attempt
from voxdialler.context import Context
from voxdialler.crashpoints import crashpoint
from voxdialler.originate.base import CallView, Originator
from voxdialler.originate.outcomes import End
from voxdialler.settle import settle

Document = dict[str, Any]
log = get_logger("voxdialler.attach")

START_WITHIN_S = 3.0
EXTEND_BELOW_S = 10.0
EXTEND_TO_S = 15.0
EXPECTED = ("amd_screening", "attaching")
NO_WORKER = "no worker in time"


async def screens(ctx: Context, attempt: Attempt) -> bool:
    """Whether the answer is listened to before the bot comes."""
    return await screening.settings(ctx, attempt.campaign) is not None


async def bring_the_bot(ctx: Context, attempt: Attempt, originator: Originator, view: CallView) -> bool:
    """Start a worker in the callee's room. Returns: True, the task is done. Raises: LeaseLost."""
    end = await _start(ctx, attempt, originator)
    if end is None:
        now = ctx.now()
        await attempts.note(ctx, attempt.id, attached_at=now)
        await rows.into_conversation(ctx, attempt.row_id, attempt.id, await attempts.max_call_s(ctx, attempt))
        evidence.connected(ctx, attempt, view.answered_at, now)
        crashpoint("dial.11")
        return True
    await originator.hang_up(attempt.id, "no_bot")
    crashpoint("dial.12")
    await settle(ctx, attempt, end, expected=EXPECTED, view=view)
    return True


async def _start(ctx: Context, attempt: Attempt, originator: Originator) -> End | None:
    """The start at the reserved seat, or at another; None = a bot is with the callee."""
    try:
        grant = await seats.reserve(ctx, attempt, ring_timeout_s=ctx.settings.ring_timeout_seconds)
        if grant.seconds_left() < EXTEND_BELOW_S:
            grant = await ctx.registry.extend(grant, hold=EXTEND_TO_S)
        async with ctx.registry.using(grant) as slot:
            await slot.start("/attach", json=_body(attempt), timeout=START_WITHIN_S)
    except StartUnknown:
        # The worker may be on its way into the room; a second one would speak over it.
        return None if await originator.bot_is_there(attempt.id) else End("abandoned", "the start was not answered")
    except StartFailed as refused:
        evidence.attach_refused(ctx, attempt, refused)
        return End("abandoned", f"the worker refused: {refused}")
    except (VoxError, seats.NoSeat) as error:
        log.warning("attach.no_worker", error=str(error))
        return End("abandoned", NO_WORKER)
    return None


def _body(attempt: Attempt) -> Document:
    return {
        "room_name": attempt.room_name,
        "bot_id": attempt.campaign["bot_id"],
        "to_number": attempt.to_number,
        "from_number": attempt.from_number,
        "config_url": attempt.campaign.get("config_url"),
        "campaign_call_id": attempt.row_id,
        "connected_event": attempt.connected_event(),
    }
