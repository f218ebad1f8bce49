"""The longest a call may last (T11)."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

LAST_SENTENCE_S = 3.0
HARD_STOP_S = 60.0


class Limits:
    """After `max_s` the call is ended softly; `hard_stop_s` later it is cut, whatever still runs."""

    def __init__(
        self,
        max_s: float,
        soft: Callable[[], Awaitable[None]],
        hard: Callable[[], Awaitable[None]],
        *,
        hard_stop_s: float = HARD_STOP_S,
    ) -> None:
        self._max_s, self._hard_stop_s = max_s, hard_stop_s
        self._soft, self._hard = soft, hard
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to count: the line has been answered."""
        self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        await asyncio.sleep(self._max_s)
        soft = asyncio.ensure_future(self._soft())
        await asyncio.sleep(self._hard_stop_s)
        soft.cancel()
        await self._hard()

    async def stop(self) -> None:
        """Neither limit matters any more (the call is over, or with an agent)."""
        if self._task and self._task is not asyncio.current_task():
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
