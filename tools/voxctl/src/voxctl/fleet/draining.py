"""Waits until what is drained is empty, and tells how far it is."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from voxkit.contracts.registry import DrainView
from voxkit.registry import RegistryAway, RegistryClient

LOOK_EVERY_S = 1.0
GONE_AFTER_S = 6.0
"""An emptied registry knows no drains until its processes have told it again: about 4 s."""

Verdict = Literal["empty", "timeout", "lifted"]


@dataclass(frozen=True)
class Progress:
    """How far a drain is. `away`: the registry gives no answer now, and `drain` is what it said last."""

    drain: DrainView
    away: bool = False

    @property
    def empty(self) -> bool:
        """Every seat says itself that it drains, with no call, no reservation, and every result delivered."""
        return not self.away and self.drain.drained >= self.drain.seats


async def until_empty(
    registry: RegistryClient,
    selector: str,
    on_progress: Callable[[Progress], None],
    *,
    timeout_s: float | None = None,
    monotonic: Callable[[], float] = time.monotonic,
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> tuple[Verdict, Progress | None]:
    """Look every second until the drain's last seat is empty, the time is over, or somebody has lifted the drain.

    The registry may be away or emptied meanwhile. `on_progress` hears every look.
    """
    began = seen_at = monotonic()
    last: Progress | None = None
    while True:
        try:
            found = next((drain for drain in await registry.drains() if drain.selector == selector), None)
        except RegistryAway:
            last = Progress(last.drain, away=True) if last else None
            seen_at = monotonic()  # it may come back empty, so its time to learn its drains begins then
        else:
            if found:
                seen_at, last = monotonic(), Progress(found)
                if last.empty:
                    on_progress(last)
                    return "empty", last
            elif monotonic() - seen_at > GONE_AFTER_S:
                return "lifted", last
        if last:
            on_progress(last)
        if timeout_s is not None and monotonic() - began >= timeout_s:
            return "timeout", last
        await pause(LOOK_EVERY_S)
