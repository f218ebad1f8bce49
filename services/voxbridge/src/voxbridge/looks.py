"""Looks at other services that many ask for at once: however many ask, the other side is asked once a second."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from voxbridge.context import Context

KEPT_S = 1.0
Seen = TypeVar("Seen")


async def shared(ctx: Context, name: str, look: Callable[[], Awaitable[Seen]]) -> Seen:
    """What `look` found, asked for at most 1 s ago; askers at the same time share one look.

    An error is told to all who waited for it, and the next asker looks again.
    """
    known: tuple[float, asyncio.Future[Seen]] | None = ctx.caches.get(name)
    if known is None or time.monotonic() - known[0] >= KEPT_S or _failed(known[1]):
        known = (time.monotonic(), asyncio.ensure_future(look()))
        ctx.caches[name] = known
    # Shielded: one asker that goes away must not end the look of the others.
    return await asyncio.shield(known[1])


def _failed(look: asyncio.Future[Seen]) -> bool:
    return look.done() and (look.cancelled() or look.exception() is not None)
