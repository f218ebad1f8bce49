"""A list that skips or repeats rows between pages on the real store, or counts on the way of its page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo import IndexModel
from voxbridge.pages import Page, PageQuery, page
from voxkit.errors import Invalid

pytestmark = [pytest.mark.integration]
T = datetime(2026, 6, 5, 10, 0, tzinfo=UTC)


@pytest.fixture
async def calls(bridge):
    """600 calls in bursts: many share a millisecond, some have no duration."""
    col = bridge.ctx.db["listed"]
    await col.create_indexes(
        [
            IndexModel([("created_at", -1), ("_id", -1)]),
            IndexModel([("status", 1), ("created_at", -1), ("_id", -1)]),
            IndexModel([("seconds", -1), ("_id", -1)]),
        ]
    )
    rows: list[dict[str, Any]] = []
    for n in range(600):
        row: dict[str, Any] = {"_id": f"{n * 7919 % 600:032x}", "created_at": T - timedelta(milliseconds=n // 250 * 3)}
        row |= {"status": ("completed", "failed", "voicemail")[n % 3], "number": n}
        if n % 4:
            row["seconds"] = float(n % 50)
        rows.append(row)
    rows += [
        {"_id": f"f{n:031x}", "created_at": T - timedelta(days=n), "status": "failed", "number": -n}
        for n in range(1, 40)
    ]
    await col.insert_many(rows)
    return col, rows


async def walk(bridge, col, where, sort: str, **more: Any) -> list[str]:
    seen: list[str] = []
    cursor: str | None = None
    for _ in range(100):
        found: Page[Any] = await page(
            bridge.ctx, col, where, PageQuery(1, 50, sort, cursor), sort=sort, shape=lambda row: row["_id"], **more
        )
        seen += found.items
        cursor = found.next
        if cursor is None:
            return seen
    raise AssertionError("the list never ends")


def expected(rows: list[dict[str, Any]], sort: str) -> list[str]:
    field = sort.removeprefix("-")
    held = [row for row in rows if field in row]
    return [row["_id"] for row in sorted(held, key=lambda row: (row[field], row["_id"]), reverse=sort.startswith("-"))]


@pytest.mark.parametrize("sort", ["-created_at", "created_at"])
async def test_pages_show_every_row_once_in_order(bridge, calls, sort: str) -> None:
    col, rows = calls
    assert await walk(bridge, col, {}, sort) == expected(rows, sort)
    assert await walk(bridge, col, {}, sort) == expected(rows, sort)  # now with what the first walk remembered


async def test_values_of_a_filter_are_merged(bridge, calls) -> None:
    col, rows = calls
    some = [row for row in rows if row["status"] in ("failed", "voicemail")]
    where = {"status": {"$in": ["failed", "voicemail", "failed"]}}
    assert await walk(bridge, col, where, "-created_at") == expected(some, "-created_at")


async def test_numbers_are_listed_without_the_rows_that_have_none(bridge, calls) -> None:
    col, rows = calls
    assert await walk(bridge, col, {}, "-seconds", dates=False) == expected(rows, "-seconds")


async def test_bounds_and_further_conditions(bridge, calls) -> None:
    col, rows = calls
    low, high = T - timedelta(days=10), T - timedelta(milliseconds=3)
    some = [row for row in rows if low <= row["created_at"] <= high and row["number"] % 2]
    more = {"low": low, "high": high, "keep": lambda row: row["number"] % 2, "scan_limit": 60}
    for sort in ("-created_at", "created_at"):
        assert await walk(bridge, col, {}, sort, **more) == expected(some, sort)


async def test_the_total_counts_what_is_filtered_and_is_kept_for_a_while(bridge, calls) -> None:
    col, _ = calls

    async def total() -> int | None:
        query = PageQuery(1, 50, "-created_at", None)
        found = await page(bridge.ctx, col, {"status": "failed"}, query, sort="-created_at", shape=lambda row: row)
        return found.total

    await total()
    await bridge.settled()
    assert await total() == 239
    await col.delete_many({"status": "failed"})
    assert await total() == 239


async def test_a_growing_list_is_not_paged_by_number_nor_by_a_foreign_cursor(bridge, calls) -> None:
    col, _ = calls
    for query in (PageQuery(2, 50, "", None), PageQuery(1, 50, "", "bm9uZQ")):
        with pytest.raises(Invalid):
            await page(bridge.ctx, col, {}, query, sort="-created_at", shape=lambda row: row)
