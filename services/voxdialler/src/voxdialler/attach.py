"""The bot is brought to a callee who waits in a room: section 12 of the contract, its table."""

from __future__ import annotations

from typing import Any

import httpx
from voxkit.errors import AtCapacity, VoxError
from voxkit.log import get_logger
from voxkit.registry import StartFailed, StartUnknown
from voxkit.registry.slot import judge

from voxdialler import attempts, evidence, rows, seats
from voxdialler.attempts import Attempt
from voxdialler.context import Context
from voxdialler.crashpoints import crashpoint
from voxdialler.originate.base import CallView, CannotTell, Originator
from voxdialler.originate.outcomes import End
from voxdialler.settle import settle

Document = dict[str, Any]
log = get_logger("voxdialler.attach")

START_WITHIN_S = 3.0
CONNECT_WITHIN_S = 1.0
EXPECTED = ("attaching",)
NO_WORKER = "no worker in time"
AT_CAPACITY = 429


async def bring_the_bot(ctx: Context, attempt: Attempt, originator: Originator, view: CallView) -> bool:
    """Start a worker in the callee's room. Returns: True, the task is done. Raises: LeaseLost."""
    end = await _start(ctx, attempt, originator)
    ctx.metrics.attach.labels(result="accepted" if end is None else "failed").inc()
    if end is None:
        now = ctx.now()
        await attempts.note(ctx, attempt.id, attached_at=now)
        await rows.into_conversation(ctx, attempt.lease, await attempts.max_call_s(ctx, attempt))
        evidence.connected(ctx, attempt, view.answered_at, now)
        crashpoint("dial.11")
        return True
    try:
        await originator.hang_up(attempt.id, "no_bot")
    except VoxError as error:
        log.warning("attach.hang_up_failed", error=str(error))
    crashpoint("dial.12")
    await settle(ctx, attempt, end, expected=EXPECTED, view=view)
    return True


async def _start(ctx: Context, attempt: Attempt, originator: Originator) -> End | None:
    """The start at the reserved seat, or at another; None = a bot is with the callee."""
    try:
        registry = None if seats.unreserved(ctx) else ctx.registry
        if registry is None:
            await _at_the_freest_host(ctx, attempt)
            return None
        grant = await seats.for_answer(ctx, attempt, ring_timeout_s=ctx.settings.ring_timeout_seconds)
        async with registry.using(grant) as slot:
            await slot.start("/attach", json=_body(attempt), timeout=START_WITHIN_S)
    except StartUnknown:
        # The worker may be on its way into the room; a second one would speak over it.
        return None if await _bot_is_there(originator, attempt) else End("abandoned", "the start was not answered")
    except StartFailed as refused:
        evidence.attach_refused(ctx, attempt, refused)
        return End("abandoned", f"the worker refused: {refused}")
    except (VoxError, seats.NoSeat) as error:
        log.warning("attach.no_worker", error=str(error))
        return End("abandoned", NO_WORKER)
    ctx.breakers.succeeded("attach")
    return None


async def _at_the_freest_host(ctx: Context, attempt: Attempt) -> None:
    """Without a registry's word: the host with most free seats; full ones are passed over. Raises: as `Slot.start`."""
    hosts = sorted(ctx.capacity.seats.hosts, key=lambda host: -host[1])[: ctx.settings.attach_max_tries]
    for host, _ in hosts:
        try:
            answer = await ctx.http.post(
                f"{host}/attach",
                json=_body(attempt),
                timeout=httpx.Timeout(START_WITHIN_S, connect=CONNECT_WITHIN_S),
            )
        except (httpx.ConnectError, httpx.ConnectTimeout):
            continue  # nothing was sent
        except httpx.TransportError as error:
            raise StartUnknown() from error
        verdict, _, body = judge(answer)
        if verdict == "started":
            return
        if verdict == "unknown":
            raise StartUnknown()
        if verdict == "failed" and answer.status_code != AT_CAPACITY:
            raise StartFailed(answer.status_code, body)
    raise AtCapacity("No host took the call.")


async def _bot_is_there(originator: Originator, attempt: Attempt) -> bool:
    try:
        view = await originator.find(attempt.id)
    except (CannotTell, VoxError):
        return False
    return view is not None and view.connected_at is not None


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
