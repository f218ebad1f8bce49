"""Reading a sorted list in windows that widen and narrow by what they find. Arithmetic only; reading is an argument."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

Document = dict[str, Any]
# (above, below, cap, order, beyond): rows strictly between two positions, at most `cap` of each query. `order` None = in
# any order; else sorted, beginning beyond the id `beyond`.
Reader = Callable[[float, float, int, int | None, str | None], Awaitable[list[Document]]]

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
    """One pass over a list. After `run`: `span` = a width that was right here, `stopped_at` = position and id of the last
    row read when the scan limit ended the pass, else None.

    `low`, `high`: inclusive bounds; `after`: position and id of the last row of the page before; `now`: where the newest
    rows of a list of dates are expected. Inside, positions are mirrored for descending lists, so that all runs upward.
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
        now: float | None = None,
        scan_limit: int = 5_000,
    ) -> None:
        self._axis = axis
        self._way = way
        self._need = need
        self._after = None if after is None else (way * after[0], after[1])
        self._scan_limit = scan_limit
        self._cap = max(200, 4 * need)
        self.span = max(span, axis.least_span)
        self.stopped_at: tuple[float, str] | None = None
        floor, ceiling = axis.limits
        bounds = sorted((way * (floor if low is None else low), way * (ceiling if high is None else high)))
        self._end = axis.after(bounds[1])
        self._edge = axis.before(self._after[0] if self._after else bounds[0])  # all before it, and it, is read
        # Nothing much lies beyond now: the first window of the newest-first list reaches from the end of time to here.
        self._leap = -now if way < 0 and now is not None and high is None and after is None else None
        if low is not None and high is not None and low > high:
            self._end = self._edge

    async def run(self, read: Reader, field: str, keep: Callable[[Document], bool] | None) -> list[Document]:
        """Rows in order: at least `need` of them, unless the list or the scan limit ended first."""
        rows: list[Document] = []
        scanned = 0
        while len(rows) < self._need and self._axis.after(self._edge) < self._end:
            far = self._far()
            batch = await read(*self._between(self._edge, far), self._cap + 1, None, None)
            if len(batch) > self._cap:
                if self.span or self._leap is not None:
                    self._narrow()
                    continue
                batch = await self._crowd(read, far, enough=self._need if keep is None else self._scan_limit)
            ordered = sorted(
                (row for row in batch if self._is_new(row, field)),
                key=lambda row: self._place(row, field),
                reverse=self._way < 0,
            )
            kept = [row for row in ordered if keep is None or keep(row)]
            rows += kept
            scanned += len(batch)
            self._edge = self._axis.before(far)
            self._leap = None
            self._adapt(len(batch), len(kept))
            if ordered and scanned >= self._scan_limit and len(rows) < self._need:
                self.stopped_at = self._place(ordered[-1], field)
                break
        return rows

    def _far(self) -> float:
        """Exclusive end of the next window; it holds one position at least."""
        reach = (self._edge if self._leap is None else max(self._edge, self._leap)) + self.span
        least = self._axis.after(self._axis.after(self._edge))
        return min(self._end, max(float(round(reach)) if self._axis.dates else reach, least))

    def _narrow(self) -> None:
        if self.span:
            self.span = self.span / 8 if self.span > 8 * self._axis.least_span else 0.0
        else:
            self._leap = None

    def _between(self, near: float, far: float) -> tuple[float, float]:
        return (near, far) if self._way > 0 else (-far, -near)

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

    async def _crowd(self, read: Reader, far: float, *, enough: int) -> list[Document]:
        """Rows of one position that holds more than a read takes: the server sorts them by id, read after read."""
        position = self._axis.after(self._edge)
        beyond = self._after[1] if self._after and self._after[0] == position else None
        rows: list[Document] = []
        while True:
            batch = await read(*self._between(self._edge, far), self._cap, self._way, beyond)
            batch.sort(key=lambda row: str(row["_id"]), reverse=self._way < 0)
            rows += batch[: self._cap]
            if len(batch) < self._cap or len(rows) >= enough:
                return rows
            beyond = str(rows[-1]["_id"])

    def _adapt(self, read: int, kept: int) -> None:
        """Widen after a thin window, narrow after a full one, towards one and a half pages a read."""
        self.span = max(self.span, self._axis.least_span)
        if read == 0:
            self.span *= 4
            return
        share = max(kept / read, 0.01)
        target = min(0.7 * self._cap, 1.5 * self._need / share)
        self.span *= min(4.0, target / read)
