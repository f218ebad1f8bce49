"""Reading a sorted list in windows that widen and narrow by what they find. Arithmetic only; reading is an argument."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

Document = dict[str, Any]
# (above, below, cap, order, beyond): the first `cap` rows, in this order, strictly between two positions; beyond an id
# when that is given. Several queries may answer one read, each with its own first `cap` rows.
Reader = Callable[[float, float, int, int, str | None], Awaitable[list[Document]]]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_OLDEST = datetime(2000, 1, 1, tzinfo=UTC)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)
HOUR_MS = 3_600_000.0


@dataclass(frozen=True)
class Axis:
    """Positions of a sort field as numbers: milliseconds for dates, the value itself for numbers."""

    dates: bool

    @classmethod
    def for_value(cls, value: datetime | float) -> Axis:
        return cls(dates=isinstance(value, datetime))

    def number(self, value: Any) -> float:
        if not self.dates:
            return float(value)
        aware: datetime = value if value.tzinfo else value.replace(tzinfo=UTC)
        return float((aware - _EPOCH) // timedelta(milliseconds=1))

    def value(self, number: float) -> datetime | float:
        return _EPOCH + timedelta(milliseconds=round(number)) if self.dates else number

    def before(self, number: float) -> float:
        """The next smaller position."""
        return number - 1 if self.dates else math.nextafter(number, -math.inf)

    def after(self, number: float) -> float:
        """The next larger position."""
        return number + 1 if self.dates else math.nextafter(number, math.inf)

    @property
    def first_span(self) -> float:
        return HOUR_MS if self.dates else 60.0

    @property
    def least_span(self) -> float:
        """Narrower windows hold one position only."""
        return 1.0 if self.dates else 1e-12

    @property
    def limits(self) -> tuple[float, float]:
        return (self.number(_OLDEST), self.number(_LATEST)) if self.dates else (-1e9, 1e9)


class WindowScan:
    """One pass over a list. After `run`: `span` = a width that was right here, `began` = where the first row was found,
    `stopped_at` = position and id of the last row read when the scan limit ended the pass, else None.

    `low`, `high`: inclusive bounds; `after`: position and id of the last row of the page before; `near`: where the list
    is expected to begin (the first window reaches over it). Inside, positions are mirrored for descending lists, so
    that all runs upward.
    """

    def __init__(
        self,
        axis: Axis,
        way: int,
        *,
        span: float,
        need: int,
        low: float | None = None,
        high: float | None = None,
        after: tuple[float, str] | None = None,
        near: float | None = None,
        scan_limit: int = 2_000,
    ) -> None:
        self._axis = axis
        self._way = way
        self._need = need
        self._after = None if after is None else (way * after[0], after[1])
        self._scan_limit = scan_limit
        self._cap = max(200, 3 * need)
        self.span = max(span, axis.least_span)
        self.began: float | None = None
        self.stopped_at: tuple[float, str] | None = None
        floor, ceiling = axis.limits
        bounds = sorted((way * (floor if low is None else low), way * (ceiling if high is None else high)))
        self._end = axis.after(bounds[1])
        self._edge = axis.before(self._after[0] if self._after else bounds[0])  # up to it all is read
        self._leap = way * near if near is not None and after is None else None
        if low is not None and high is not None and low > high:
            self._end = self._edge

    async def run(self, read: Reader, field: str, keep: Callable[[Document], bool] | None) -> list[Document]:
        """Rows in order: at least `need` of them, unless the list or the scan limit ended first."""
        if keep is not None:  # most of what is read is dropped again, and a read cut short is a read done twice
            self._cap *= 5
        rows: list[Document] = []
        scanned = 0
        while len(rows) < self._need and self._axis.after(self._edge) < self._end:
            far = self._far()
            batch, cut = await self._window(read, far, field)
            fresh = [row for row in batch if self._is_new(row, field)]
            if cut and not fresh:  # more rows seen before, at one position, than a read takes
                far = self._axis.after(self._axis.after(self._edge))
                fresh, cut = await self._crowd(read, far, field)
            kept = [row for row in fresh if keep is None or keep(row)]
            rows += kept
            scanned += len(batch)
            if fresh and self.began is None:
                self.began = self._place(fresh[0], field)[0]
            if cut:
                # Everything before the last row is read, and of its position the rows up to it.
                position, identity = self._place(fresh[-1], field)
                self._after = (self._way * position, identity)
                first = self._way * self._place(fresh[0], field)[0]
                self.span = max(self._after[0] - first, self._axis.least_span)
                self._edge = self._axis.before(self._after[0])
            else:
                self._edge = self._axis.before(far)
            self._leap = None
            missing = self._need - len(rows)
            self._adapt(len(batch), len(kept), missing if missing > 0 else self._need)
            if fresh and scanned >= self._scan_limit and len(rows) < self._need:
                self.stopped_at = self._place(fresh[-1], field)
                break
        return rows

    def _far(self) -> float:
        """Exclusive end of the next window; it holds one position at least."""
        reach = (self._edge if self._leap is None else max(self._edge, self._leap)) + self.span
        least = self._axis.after(self._axis.after(self._edge))
        return min(self._end, max(float(round(reach)) if self._axis.dates else reach, least))

    async def _window(
        self, read: Reader, far: float, field: str, beyond: str | None = None
    ) -> tuple[list[Document], bool]:
        """Rows of a window in order, and whether there may be more of them."""
        above, below = (self._edge, far) if self._way > 0 else (-far, -self._edge)
        batch = await read(above, below, self._cap, self._way, beyond)
        batch.sort(key=lambda row: self._place(row, field), reverse=self._way < 0)
        return batch[: self._cap], len(batch) >= self._cap

    async def _crowd(self, read: Reader, far: float, field: str) -> tuple[list[Document], bool]:
        """The next rows, by id, of the one position where the page before ended."""
        assert self._after is not None
        return await self._window(read, far, field, beyond=self._after[1])

    def _place(self, row: Document, field: str) -> tuple[float, str]:
        return self._axis.number(row[field]), str(row["_id"])

    def _is_new(self, row: Document, field: str) -> bool:
        """Whether it comes after the last row of the page before; rows of one position are told apart by id."""
        if self._after is None:
            return True
        position, identity = self._place(row, field)
        if self._way * position != self._after[0]:
            return self._way * position > self._after[0]
        return identity > self._after[1] if self._way > 0 else identity < self._after[1]

    def _adapt(self, read: int, kept: int, wanted: int) -> None:
        """Widen after a thin window, narrow after a full one, towards one and a half times what is wanted."""
        if read == 0:
            self.span *= 4
            return
        share = max(kept / read, 0.01)
        target = min(0.7 * self._cap, 1.5 * wanted / share)
        self.span = max(self.span * min(4.0, target / read), self._axis.least_span)
