"""A page that skips or repeats a row, or that reads the whole collection to show fifty rows."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from voxbridge.windows import Axis, WindowScan

pytestmark = [pytest.mark.unit]
DATES, NUMBERS = Axis(dates=True), Axis(dates=False)
NOW = datetime(2026, 6, 5, 10, 0, tzinfo=UTC)


class Table:
    """Rows in memory that answer windows as a store does, and count what they were asked."""

    def __init__(self, axis: Axis, positions: list[float]) -> None:
        self.axis = axis
        self.rows = [{"_id": f"{n:032x}", "at": axis.value(position)} for n, position in enumerate(positions)]
        self.reads = 0
        self.widest = 0

    async def read(self, above: float, below: float, cap: int, order: int, beyond: str | None) -> list[Any]:
        self.reads += 1
        found = [row for row in self.rows if above < self.axis.number(row["at"]) < below]
        self.widest = max(self.widest, len(found))
        found = [row for row in found if beyond is None or (row["_id"] > beyond if order > 0 else row["_id"] < beyond)]
        found.sort(key=lambda row: (self.axis.number(row["at"]), row["_id"]), reverse=order < 0)
        return found[:cap]

    def sorted(self, way: int) -> list[str]:
        rows = sorted(self.rows, key=lambda row: (self.axis.number(row["at"]), row["_id"]), reverse=way < 0)
        return [row["_id"] for row in rows]


async def walk(table: Table, way: int, limit: int, **more: Any) -> list[str]:
    """All ids, page after page, as a client of the list sees them."""
    seen: list[str] = []
    after: tuple[float, str] | None = None
    span = table.axis.first_span
    keep = more.pop("keep", None)
    while True:
        scan = WindowScan(table.axis, way, span=span, need=limit + 1, after=after, **more)
        rows = await scan.run(table.read, "at", keep)
        span = scan.span
        seen += [row["_id"] for row in rows[:limit]]
        if len(rows) > limit:
            after = (table.axis.number(rows[limit - 1]["at"]), rows[limit - 1]["_id"])
        elif scan.stopped_at:
            after = scan.stopped_at
        else:
            return seen


moments = st.one_of(
    st.integers(0, 5).map(lambda n: NOW + timedelta(milliseconds=n)),
    st.integers(0, 10_000_000).map(lambda n: NOW - timedelta(seconds=n)),
    st.integers(0, 60).map(lambda n: NOW + timedelta(days=n)),
)


@given(st.lists(moments, max_size=400), st.sampled_from([1, -1]), st.sampled_from([1, 3, 50]))
@settings(max_examples=60, deadline=None)
def test_pages_together_show_every_row_once_and_in_order(found: list[datetime], way: int, limit: int) -> None:
    table = Table(DATES, [DATES.number(moment) for moment in found])
    assert asyncio.run(walk(table, way, limit, near=DATES.number(NOW))) == table.sorted(way)


@given(st.lists(st.floats(0, 7200).map(lambda value: round(value, 1)), max_size=300), st.sampled_from([1, -1]))
@settings(max_examples=40, deadline=None)
def test_numbers_are_paged_like_dates(values: list[float], way: int) -> None:
    table = Table(NUMBERS, values)
    assert asyncio.run(walk(table, way, 20)) == table.sorted(way)


@pytest.mark.parametrize("way", [1, -1])
@pytest.mark.parametrize(("axis", "position"), [(DATES, DATES.number(NOW)), (NUMBERS, 61.0)])
async def test_a_crowd_at_one_position_is_told_apart_by_id(axis: Axis, position: float, way: int) -> None:
    table = Table(axis, [position] * 1_500 + [position - 5, position + 5])
    assert await walk(table, way, 50) == table.sorted(way)


@pytest.mark.parametrize("way", [1, -1])
async def test_a_condition_beside_the_index_loses_no_row_when_the_scan_limit_cuts_pages(way: int) -> None:
    table = Table(DATES, [DATES.number(NOW) - 7_000 * n for n in range(3_000)])
    rare = {row["_id"] for row in table.rows[::97]}
    seen = await walk(table, way, 10, keep=lambda row: row["_id"] in rare, scan_limit=500)
    assert seen == [identity for identity in table.sorted(way) if identity in rare]


async def test_bounds_are_inclusive() -> None:
    table = Table(DATES, [1e12, 1e12 + 1, 1e12 + 2, 1e12 + 3])
    assert len(await walk(table, -1, 50, low=1e12 + 1, high=1e12 + 2)) == 2
    assert await walk(table, -1, 50, low=1e12 + 2, high=1e12 + 1) == []


async def test_a_burst_costs_one_wide_read_and_the_pages_after_it_stay_narrow() -> None:
    """10,000 calls in two hours, a day ago: the width that was right travels with the cursor."""
    begin = DATES.number(NOW) - 26 * 3_600_000
    table = Table(DATES, [begin + 700 * n for n in range(10_000)])
    scan = WindowScan(DATES, -1, span=DATES.first_span, need=51, near=DATES.number(NOW))
    rows = await scan.run(table.read, "at", None)
    assert len(rows) >= 51
    assert table.reads <= 8
    table.reads = table.widest = 0
    following = WindowScan(DATES, -1, span=scan.span, need=51, after=(DATES.number(rows[49]["at"]), rows[49]["_id"]))
    assert len(await following.run(table.read, "at", None)) >= 51
    assert table.reads <= 3
    assert table.widest <= 400


async def test_an_empty_list_takes_few_reads() -> None:
    table = Table(DATES, [])
    assert await walk(table, -1, 50, near=DATES.number(NOW)) == []
    assert table.reads <= 16
