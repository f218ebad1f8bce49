"""The registry's clock as this process knows it: deadlines are its, whatever this host's own clock says."""

import time
from collections.abc import Callable


def _wall_ms() -> int:
    return time.time_ns() // 1_000_000


def _monotonic_ms() -> int:
    return time.monotonic_ns() // 1_000_000


class StoreClock:
    """Counts on the monotonic clock, so that a wall clock that is set does not matter.

    Until the first answer of the registry the wall clock has to do.
    """

    def __init__(
        self, *, wall_ms: Callable[[], int] = _wall_ms, monotonic_ms: Callable[[], int] = _monotonic_ms
    ) -> None:
        self._monotonic_ms = monotonic_ms
        self._offset_ms = wall_ms() - monotonic_ms()
        self._known = False

    def mark(self) -> int:
        """A reading to give to `learn`, taken before the question is sent. Milliseconds."""
        return self._monotonic_ms()

    def now_ms(self) -> int:
        """Unix milliseconds of the registry's store."""
        return self._monotonic_ms() + self._offset_ms

    def learn(self, told_ms: int, *, asked: int) -> None:
        """The store said `told_ms` at some time between `asked` and now.

        That bounds the offset: one inside the bounds is kept, one outside moves to the nearest. So a slow answer, or
        one that waited while this process was stopped, does not spoil what a fast one taught.
        """
        lowest, highest = told_ms - self._monotonic_ms(), told_ms - asked
        if self._known:
            self._offset_ms = max(lowest, min(highest, self._offset_ms))
        else:
            self._offset_ms = (lowest + highest) // 2
            self._known = True
