"""Seats of dials: reserved under the attempt's own id, so whoever takes a dial over can give its seat back."""

from __future__ import annotations

from dataclasses import dataclass

from voxkit.errors import VoxError
from voxkit.log import get_logger
from voxkit.registry import Grant, QuotaExceeded, RegistryAway

from voxdialler.attempts import Attempt
from voxdialler.context import Context

log = get_logger("voxdialler.seats")

CARRIER_HOLD_S = 30
"""A media URL carries its fence from the start, so the seat is held for the whole ringing and this, seconds."""
ROOM_HOLD_S = 15
"""The same when the bot is brought in afterwards; extended at the answer."""


@dataclass(frozen=True)
class NoSeat(Exception):
    """No seat was reserved. `scope`: what is exhausted: `capacity`, `quota` or `registry`."""

    scope: str
    why: str


async def reserve(ctx: Context, attempt: Attempt, *, ring_timeout_s: int) -> Grant:
    """A seat that waits while the phone rings. Raises: NoSeat."""
    spare = ROOM_HOLD_S if attempt.originate == "livekit_sip" else CARRIER_HOLD_S
    return await _ask(ctx, attempt, hold_s=ring_timeout_s + spare, wait_s=0)


async def reserve_for_answer(ctx: Context, attempt: Attempt, *, wait_s: float = 1.5, hold_s: float = 15) -> Grant:
    """A seat for somebody who has just answered (S3). Raises: NoSeat."""
    return await _ask(ctx, attempt, hold_s=hold_s, wait_s=wait_s)


async def give_back(ctx: Context, attempt_id: str) -> None:
    """Release what this attempt may hold; one that holds nothing is no error, and a running call is not touched."""
    if ctx.registry is not None:
        await ctx.registry.release(attempt_id)


async def _ask(ctx: Context, attempt: Attempt, *, hold_s: float, wait_s: float) -> Grant:
    if ctx.registry is None:
        raise NoSeat("registry", "REGISTRY_URL is empty")
    try:
        return await ctx.registry.reserve(
            attempt.id,
            campaign=attempt.campaign_id,
            priority="callback" if attempt.kind == "callback" else "outbound",
            hold=hold_s,
            wait=wait_s,
        )
    except QuotaExceeded as error:
        raise NoSeat("quota", str(error)) from error
    except RegistryAway as error:
        raise NoSeat("registry", str(error)) from error
    except VoxError as error:
        raise NoSeat("capacity", str(error)) from error
