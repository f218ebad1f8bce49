"""Two worker threads, one a model; the order of waiting work is the policy.

A lane takes the most urgent piece first and, among equals, the oldest. Long work is cut into pieces (a sentence,
a stretch of speech), so nobody waits for more than one piece of somebody else.
"""

import asyncio
import heapq
import itertools
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import Future
from enum import IntEnum
from typing import Any, TypeVar

T = TypeVar("T")


class Urgency(IntEnum):
    """Smaller goes first. A person waits for a final; interims and files can wait."""

    FINAL = 0
    FIRST_SENTENCE = 1
    LATER_SENTENCE = 2
    INTERIM = 3
    FILE = 4


class LaneClosed(RuntimeError):
    """The server is stopping; the work was not done."""


class Lanes:
    """The lanes `whisper` and `piper`.

    Interims start only while no speech waits to be synthesized: both models share the same few cores, and a sentence
    that comes late is heard, an interim that comes late is not.
    """

    NAMES = ("whisper", "piper")

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: dict[str, list[tuple[Urgency, int, Future[Any], Callable[[], Any]]]] = {
            name: [] for name in self.NAMES
        }
        self._order = itertools.count()
        self._closed = False
        self.busy_seconds: defaultdict[str, float] = defaultdict(float)
        self._threads = [threading.Thread(target=self._work, args=(n,), name=n, daemon=True) for n in self.NAMES]
        for thread in self._threads:
            thread.start()

    def submit(self, lane: str, urgency: Urgency, work: Callable[[], T]) -> "Future[T]":
        """Queue `work`. Cancelling the future before it starts takes it out. Raises: LaneClosed."""
        future: Future[T] = Future()
        with self._changed:
            if self._closed:
                raise LaneClosed("voxvoice is stopping")
            heapq.heappush(self._waiting[lane], (urgency, next(self._order), future, work))
            self._changed.notify_all()
        return future

    async def run(self, lane: str, urgency: Urgency, work: Callable[[], T]) -> T:
        """`submit` for coroutines: a cancelled caller takes work that has not begun out of the queue."""
        return await asyncio.wrap_future(self.submit(lane, urgency, work))

    def depth(self, lane: str) -> int:
        """Pieces that wait in a lane."""
        with self._changed:
            return sum(not future.cancelled() for _, _, future, _ in self._waiting[lane])

    def close(self, timeout_s: float = 1.0) -> None:
        """Refuse new work, drop what waits, and wait for the pieces under way for at most `timeout_s`."""
        with self._changed:
            self._closed = True
            for queue in self._waiting.values():
                for _, _, future, _ in queue:
                    future.cancel()
                queue.clear()
            self._changed.notify_all()
        deadline = time.monotonic() + timeout_s
        for thread in self._threads:
            thread.join(max(0, deadline - time.monotonic()))

    def _next(self, lane: str) -> tuple[Future[Any], Callable[[], Any]] | None:
        queue = self._waiting[lane]
        while queue and queue[0][2].cancelled():
            heapq.heappop(queue)
        if not queue:
            return None
        if queue[0][0] >= Urgency.INTERIM and any(not item[2].cancelled() for item in self._waiting["piper"]):
            return None
        _, _, future, work = heapq.heappop(queue)
        return future, work

    def _work(self, lane: str) -> None:
        while True:
            with self._changed:
                while (job := self._next(lane)) is None:
                    if self._closed:
                        return
                    self._changed.wait()
                # The other lane may have been waiting for this queue to empty.
                self._changed.notify_all()
            future, work = job
            if not future.set_running_or_notify_cancel():
                continue
            started = time.perf_counter()
            try:
                result = work()
            except BaseException as error:
                future.set_exception(error)
            else:
                future.set_result(result)
            finally:
                self.busy_seconds[lane] += time.perf_counter() - started
