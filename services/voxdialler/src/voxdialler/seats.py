"""Seats of dials: reserved under the attempt's own id, so whoever takes a dial over can give its seat back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from voxkit.carriers import traits_of
from voxkit.errors import NotFound, VoxError
from voxkit.log import get_logger
from voxkit.registry import Grant, QuotaExceeded, RegistryAway

from voxdialler.attempts import Attempt
from voxdialler.context import Context

Document = dict[str, Any]
log = get_logger("voxdialler.seats")

CARRIER_HOLD_S = 30
"""A media URL carries its fence from the start, so the seat is held for the whole ringing and this, seconds."""
ROOM_HOLD_S = 15
"""The same when the bot is brought in afterwards; extended at the answer."""
EXTEND_BELOW_S, EXTEND_TO_S = 10.0, 15.0
ANSWER_HOLD_S, ANSWER_WAIT_S = 15.0, 1.5
"""For somebody who answered before there was a seat: he waits in line no longer than this, seconds."""


@dataclass(frozen=True)
class NoSeat(Exception):
    """No seat was reserved. `scope`: what is exhausted: `capacity`, `quota` or `registry`."""

    scope: str
    why: str


def unreserved(ctx: Context) -> bool:
    """Whether hosts are asked in the registry's place, so that nothing can be reserved."""
    return ctx.registry is None or ctx.capacity.by_fallback


def pins(ctx: Context, carrier: Document) -> bool:
    """Whether a dial over this carrier holds a seat of its own from before the first ring."""
    if unreserved(ctx):
        return False
    if carrier.get("originate") != "websocket_carrier":
        return True
    return traits_of((carrier.get("rest") or {}).get("adapter") or "").per_call_media_url


def grade(ctx: Context, carriers: Iterable[Document]) -> str:
    """How sure a seat is for an answer over any of these: `pinned`, `counted`, or `fallback` without the registry."""
    if unreserved(ctx):
        return "fallback"
    return "pinned" if all(pins(ctx, carrier) for carrier in carriers) else "counted"


async def reserve(ctx: Context, attempt: Attempt, *, ring_timeout_s: int) -> Grant:
    """A seat that waits while the phone rings. Raises: NoSeat."""
    for scope in (f"quota:{attempt.campaign_id}", "capacity"):
        if ctx.capacity.is_refused(scope):
            raise NoSeat(scope.partition(":")[0], "the registry has refused another one in this turn")
    return await _for_ringing(ctx, attempt, ring_timeout_s)


async def for_answer(ctx: Context, attempt: Attempt, *, ring_timeout_s: int) -> Grant:
    """The seat of somebody who has just answered: the one that waits for him, with time enough, or one now (S3).

    Raises: NoSeat.
    """
    if ctx.registry is None:
        raise NoSeat("registry", "REGISTRY_URL is empty")
    try:
        await ctx.registry.read(attempt.id)
    except NotFound:
        return await _ask(ctx, attempt, hold_s=ANSWER_HOLD_S, wait_s=ANSWER_WAIT_S)
    except VoxError as error:
        raise NoSeat("registry", str(error)) from error
    # The same wish under the same id is answered with the seat that it got, fence and all.
    grant = await _for_ringing(ctx, attempt, ring_timeout_s)
    if grant.seconds_left() >= EXTEND_BELOW_S:
        return grant
    try:
        return await ctx.registry.extend(grant, hold=EXTEND_TO_S)
    except VoxError as error:
        raise NoSeat("capacity", str(error)) from error


async def give_back(ctx: Context, attempt_id: str) -> None:
    """Release what this attempt may hold; one that holds nothing is no error, and a running call is not touched."""
    if ctx.registry is not None:
        await ctx.registry.release(attempt_id)


async def _for_ringing(ctx: Context, attempt: Attempt, ring_timeout_s: int) -> Grant:
    spare = ROOM_HOLD_S if attempt.originate == "livekit_sip" else CARRIER_HOLD_S
    return await _ask(ctx, attempt, hold_s=ring_timeout_s + spare, wait_s=0)


async def _ask(ctx: Context, attempt: Attempt, *, hold_s: float, wait_s: float) -> Grant:
    if ctx.registry is None:
        raise NoSeat("registry", "REGISTRY_URL is empty")
    result = "refused"
    try:
        grant = await ctx.registry.reserve(
            attempt.id,
            campaign=attempt.campaign_id,
            priority="callback" if attempt.kind == "callback" else "outbound",
            hold=hold_s,
            wait=wait_s,
        )
        result = "granted"
        return grant
    except QuotaExceeded as error:
        ctx.capacity.refused(f"quota:{attempt.campaign_id}")
        raise NoSeat("quota", str(error)) from error
    except RegistryAway as error:
        raise NoSeat("registry", str(error)) from error
    except VoxError as error:
        ctx.capacity.refused("capacity")
        raise NoSeat("capacity", str(error)) from error
    finally:
        ctx.metrics.reservations.labels(grade="pinned", result=result).inc()
