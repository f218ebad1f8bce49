"""What callers would find while a deploy goes on, as the registry tells: open seats, and the first one on a tag."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from voxkit.registry import RegistryClient

LOOK_EVERY_S = 0.25


@dataclass
class Watch:
    """`least_open`: how few seats took calls at any look, surge seats among them, as a share of the regular ones."""

    least_open: float = 1.0


@asynccontextmanager
async def watched(registry: RegistryClient, regular: int) -> AsyncIterator[Watch]:
    """Looks all the time while the block lasts."""
    watch = Watch()

    async def look() -> None:
        while True:
            seats = await registry.seats()
            there = sum(not seat.draining and seat.state not in ("starting", "lost") for seat in seats)
            watch.least_open = min(watch.least_open, there / regular)
            await asyncio.sleep(LOOK_EVERY_S)

    looking = asyncio.create_task(look())
    try:
        yield watch
    finally:
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking


async def first_seat(registry: RegistryClient, tag: str, began: float) -> float:
    """Seconds since `began` (monotonic) until a seat on this tag could be granted, or was."""
    while not any(seat.state in ("idle", "reserved", "busy") for seat in await registry.seats(image_tag=tag)):
        await asyncio.sleep(0.1)
    return time.monotonic() - began
