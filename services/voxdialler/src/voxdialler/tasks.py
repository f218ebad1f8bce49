"""The dials under way in this process: which contact each works on, and whether it may still act for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from voxkit.log import get_logger

log = get_logger("voxdialler.tasks")
FENCED_AFTER_S = 40.0
"""A contact whose lease was not seen renewed for so long is not acted for any more (L2)."""


@dataclass
class _Held:
    row_id: str
    task: asyncio.Task[None]
    renewed_at: float


class Tasks:
    """Tasks by attempt. Every lease is renewed from here, and a task whose lease is not is fenced."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._held: dict[str, _Held] = {}

    def start(self, attempt_id: str, row_id: str, work: Coroutine[Any, Any, None]) -> None:
        """Run a dial, or the recovery of one, of a contact that was leased just now."""
        task = asyncio.create_task(self._contained(attempt_id, work), name=f"dial {attempt_id}")
        self._held[attempt_id] = _Held(row_id, task, self._clock())

    async def _contained(self, attempt_id: str, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception as error:
            # The contact keeps its state and its lease lapses: recovery finds out what is true of it.
            log.error("dial.failed", attempt_id=attempt_id, exc_info=error)
        finally:
            self._held.pop(attempt_id, None)

    def works_on(self, attempt_id: str | None) -> bool:
        return attempt_id in self._held

    def is_fresh(self, attempt_id: str) -> bool:
        held = self._held.get(attempt_id)
        return held is not None and self._clock() - held.renewed_at < FENCED_AFTER_S

    def renewed(self, attempt_ids: set[str], asked_at: float) -> None:
        """These leases were prolonged by a write that was sent at `asked_at`."""
        for attempt_id in attempt_ids:
            if attempt_id in self._held:
                self._held[attempt_id].renewed_at = asked_at

    def contacts(self) -> dict[str, str]:
        """Attempt by contact."""
        return {held.row_id: attempt_id for attempt_id, held in self._held.items()}

    def __len__(self) -> int:
        return len(self._held)

    async def settle(self, within_s: float) -> None:
        """Wait until all have come to their end, at most so long."""
        tasks = [held.task for held in self._held.values()]
        if tasks:
            await asyncio.wait(tasks, timeout=within_s)

    async def cancel(self) -> None:
        """Stop all where they are; their contacts are found by whoever leads next."""
        tasks = [held.task for held in self._held.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
