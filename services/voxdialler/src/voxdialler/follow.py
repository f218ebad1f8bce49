"""A call that was placed, to the conversation or the end: lines 10 to 12 of a dial, also for one that was adopted."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

from voxkit.errors import VoxError
from voxkit.log import get_logger

from voxdialler import attach, attempts, evidence, rows
from voxdialler.attempts import Attempt
from voxdialler.context import Context
from voxdialler.crashpoints import crashpoint
from voxdialler.originate.base import CallView, CannotTell, Originator
from voxdialler.originate.outcomes import DIALLER_LOST, End
from voxdialler.settle import settle

Document = dict[str, Any]
log = get_logger("voxdialler.follow")

LATE_S = 60
"""A carrier that has said nothing this long after the ring timeout will not say anything, seconds."""
MEDIA_WITHIN_S = 10
"""An answered callee waits this long for the carrier to reach the worker, seconds; then the call is given up."""
UNANSWERED = ("dialling", "ringing")
HELD = (*UNANSWERED, "amd_screening", "attaching")


async def carry(ctx: Context, attempt: Attempt, originator: Originator, *, state: str = "ringing") -> None:
    """Follow the call of a contact in `state` until it is in conversation or settled. Raises: LeaseLost."""
    task = _Follow(ctx, attempt, originator, state)
    with ctx.originators.under_way(attempt.id, task.hang_up):
        await task.run()


class _Follow:
    """One call under way, and what was seen of it."""

    def __init__(self, ctx: Context, attempt: Attempt, originator: Originator, state: str) -> None:
        self._ctx, self._attempt, self._originator = ctx, attempt, originator
        self._state = state
        self._seen: CallView | None = None
        self._because = ""

    async def hang_up(self, because: str) -> None:
        """End the call as long as nobody talks. `because`: `excluded`, or why the dialler stops."""
        if self._seen is None or self._seen.connected_at is None:
            self._because = because
            await _hang_up(self._originator, self._attempt, because)

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        document = await attempts.read(self._ctx, self._attempt.id) or {}
        patience = self._patience(document.get("dialled_at"), document.get("answered_at"))
        limit = asyncio.timeout_at(loop.time() + patience)
        try:
            async with limit:
                async for view in self._originator.events(self._attempt.id):
                    limit.reschedule(None)  # what follows is ours, and is not cut short
                    if await self._step(view):
                        return
                    limit.reschedule(loop.time() + self._patience(document.get("dialled_at"), view.answered_at))
        except TimeoutError:
            if not limit.expired():
                raise
        await self._out_of_time()

    def _patience(self, dialled_at: datetime | None, answered_at: datetime | None) -> float:
        """Seconds until somebody must have answered, or until the answered callee must have a bot."""
        now = self._ctx.now()
        if answered_at is not None and self._originator.traits.needs_attach is False:
            until = answered_at + timedelta(seconds=MEDIA_WITHIN_S)
        else:
            until = (dialled_at or now) + timedelta(seconds=self._ctx.settings.ring_timeout_seconds + LATE_S)
        return max(0.0, (until - now).total_seconds())

    async def _step(self, view: CallView) -> bool:
        """One more thing is known of the call. Returns: whether the task is done."""
        ctx, attempt, before = self._ctx, self._attempt, self._seen
        self._seen = view
        if view.ringing_at and (before is None or before.ringing_at is None):
            await attempts.note(ctx, attempt.id, ringing_at=view.ringing_at)
        if view.status == "ended" and view.connected_at is None:
            await self._ended(view)
            return True
        if view.answered_at and (before is None or before.answered_at is None):
            await self._answered(view)
        if view.answered_at and view.connected_at is None and self._originator.traits.needs_attach:
            return await attach.bring_the_bot(ctx, attempt, self._originator, view)
        if view.connected_at is not None:
            await self._connected(view.connected_at)
            return True
        return False

    async def _answered(self, view: CallView) -> None:
        ctx, attempt = self._ctx, self._attempt
        if self._state in UNANSWERED:  # else it was answered before this process took it over
            await rows.move(ctx, attempt.lease, UNANSWERED, "attaching")
            self._state = "attaching"
        await attempts.note(ctx, attempt.id, answered_at=view.answered_at, amd=view.amd)
        log.info("call.answered", amd=view.amd)
        crashpoint("dial.10")

    async def _connected(self, connected_at: datetime) -> None:
        ctx, attempt = self._ctx, self._attempt
        await attempts.note(ctx, attempt.id, attached_at=connected_at, amd=self._seen.amd if self._seen else None)
        await rows.into_conversation(ctx, attempt.lease, await attempts.max_call_s(ctx, attempt))
        evidence.screened(ctx, self._seen.amd if self._seen else None)
        evidence.connected(ctx, attempt, self._seen.answered_at if self._seen else None, connected_at)
        log.info("call.connected")
        crashpoint("dial.11")

    async def _ended(self, view: CallView) -> None:
        end = view.end or End("error", DIALLER_LOST)
        if self._because == "excluded":
            end = End("excluded", "the number was excluded while it rang")
        elif self._because and end.outcome == "error":
            end = End("error", self._because)
        crashpoint("dial.12")
        await settle(self._ctx, self._attempt, end, expected=HELD, view=view)

    async def _out_of_time(self) -> None:
        """Nothing was heard for too long: ask once more, then end the call and the attempt."""
        ctx, attempt = self._ctx, self._attempt
        try:
            view = await self._originator.find(attempt.id)
        except (CannotTell, VoxError) as error:
            log.warning("call.cannot_tell", error=str(error))
            view = self._seen
        if view and (view.status == "ended" or view.connected_at is not None) and await self._step(view):
            return
        answered = bool(view and view.answered_at)
        if view and answered and not (self._seen and self._seen.answered_at):  # while no dialler looked
            self._seen = view
            await self._answered(view)
        if answered and await _call_record_exists(ctx, attempt):
            await self._connected(ctx.now())
            return
        await _hang_up(self._originator, attempt, "no_bot" if answered else "no_word")
        end = End("abandoned", "no worker in time", breaker=False) if answered else End("error", DIALLER_LOST)
        await settle(ctx, attempt, end, expected=HELD, view=view if view and view.status == "ended" else None)


async def _call_record_exists(ctx: Context, attempt: Attempt) -> bool:
    """Whether a worker has asked for the call's configuration: then it speaks with the callee, whatever we heard."""
    return await ctx.db["calls"].find_one({"_id": attempt.session_id}, {"_id": 1}) is not None


async def _hang_up(originator: Originator, attempt: Attempt, reason: str) -> None:
    try:
        await originator.hang_up(attempt.id, reason)
    except (CannotTell, VoxError) as error:
        log.warning("call.hang_up_failed", reason=reason, error=str(error))
