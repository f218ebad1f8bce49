"""Lists: one body, pages by number where a list is short and by cursor where it grows.

A cursor page is read in windows of the sort field, from where the last page ended. A window is closed on both sides, so
the index alone decides what is read, on every server; one that reads all matches before it sorts reads one window then.
Both bounds are exclusive and lie beside the rows wanted: a bound that no row equals cannot go missing.
"""

from __future__ import annotations

import asyncio
import base64
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel
from pymongo.asynchronous.collection import AsyncCollection
from voxkit.errors import Invalid

from voxbridge.context import Context
from voxbridge.windows import Axis, Reader, WindowScan

Document = dict[str, Any]
Item = TypeVar("Item")
COUNT_CAP = 10_000
COUNT_KEPT_S = 10.0
COUNT_WAIT_S = 0.01
_HINTS = 500
MAX_LIMIT = 200


class Page(BaseModel, Generic[Item]):
    """Body of every list route."""

    items: list[Item]
    page: int = 1
    limit: int = 50
    total: int | None = None
    total_capped: bool = False
    next: str | None = None


@dataclass(frozen=True)
class PageQuery:
    """`page`, `limit`, `sort`, `cursor` of a list route: `query: Annotated[PageQuery, Depends(page_query)]`."""

    page: int
    limit: int
    sort: str
    cursor: str | None


def page_query(
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 50,
    sort: Annotated[str, Query(max_length=64, description="A field, or `-field` for descending.")] = "",
    cursor: Annotated[str | None, Query(max_length=512, description="`next` of the page before.")] = None,
) -> PageQuery:
    return PageQuery(page, limit, sort, cursor or None)


def sort_of(query: PageQuery, allowed: Sequence[str], default: str) -> str:
    """The sort asked for, if the list offers it. Raises: Invalid."""
    if not query.sort:
        return default
    if query.sort not in allowed:
        raise Invalid(f"This list can be sorted by {', '.join(allowed)}.", detail=_field("sort", "not offered here"))
    return query.sort


def _field(name: str, text: str) -> list[dict[str, Any]]:
    return [{"loc": ["query", name], "msg": text, "type": "value_error"}]


async def short_page(
    collection: AsyncCollection[Document],
    where: Mapping[str, Any],
    query: PageQuery,
    *,
    sort: str,
    shape: Callable[[Document], Item],
    projection: Mapping[str, Any] | None = None,
) -> Page[Item]:
    """A page by number of a collection that stays small (users, keys, bots): it is counted and skipped in."""
    field, way = _split(sort)
    rows = collection.find(where, projection).sort([(field, way), ("_id", way)])
    rows = rows.skip((query.page - 1) * query.limit).limit(query.limit)
    total, found = await asyncio.gather(collection.count_documents(where), rows.to_list())
    return Page(items=[shape(row) for row in found], page=query.page, limit=query.limit, total=total)


def _split(sort: str) -> tuple[str, int]:
    return (sort[1:], -1) if sort.startswith("-") else (sort, 1)


def encode_cursor(sort: str, value: datetime | float, identity: str, span: float) -> str:
    """Opaque `next`: where the page ended, and the width of a window that was right there."""
    number = Axis.for_value(value).number(value)
    packed = json.dumps([sort, "d" if isinstance(value, datetime) else "n", number, identity, span])
    return base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")


def decode_cursor(cursor: str, sort: str) -> tuple[datetime | float, str, float]:
    """(value, id, span). Raises: Invalid: no cursor of ours, or one of another sort."""
    try:
        sorted_by, kind, number, identity, span = json.loads(
            base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        )
        value = Axis(dates=kind == "d").value(float(number))
        if sorted_by == sort and isinstance(identity, str) and math.isfinite(float(span)) and float(span) > 0:
            return value, identity, float(span)
    except (ValueError, TypeError, OverflowError):
        pass
    raise Invalid(
        "The cursor does not belong to this list; begin again without it.", detail=_field("cursor", "not valid here")
    )


async def page(
    ctx: Context,
    collection: AsyncCollection[Document],
    where: Mapping[str, Any],
    query: PageQuery,
    *,
    sort: str,
    shape: Callable[[Document], Item],
    projection: Mapping[str, Any] | None = None,
    low: datetime | float | None = None,
    high: datetime | float | None = None,
    keep: Callable[[Document], bool] | None = None,
    count_where: Mapping[str, Any] | None = None,
    dates: bool = True,
    scan_limit: int = 2_000,
    count: bool = True,
) -> Page[Item]:
    """A page by cursor of a list that grows.

    `where`: equalities (or one `{"$in": [...]}`, asked value by value) that together with the sort field and `_id` are
    one index. `low` and `high` bound the sort field, both inclusive; `dates`: it holds dates, else numbers; rows
    without it are not listed. `keep` judges further conditions on the rows read; it sees the fields of `projection`, to
    which the sort field is added. `count_where`: the whole filter for the total, default `where` with the bounds.
    After `scan_limit` rows without a full page the page is short and `next` leads on. `count` False: no total.
    Raises: Invalid: `page` above 1, or a foreign cursor.
    """
    _check_by_cursor(query)
    field, way = _split(sort)
    axis = Axis(dates=dates)
    after: tuple[float, str] | None = None
    open_start = (high if way < 0 else low) is None
    # Where a list begins and how wide its first page is there is remembered: that page is then one narrow read.
    filtered = json.dumps([where, count_where], sort_keys=True, default=str)
    key = f"{collection.full_name}|{sort}|{filtered}"
    hints: dict[str, tuple[float, float]] = ctx.caches.setdefault("page_hints", {})
    # A filtered list is at most as dense as the whole one: what is known of that is a careful first guess.
    whole = hints.get(f"{collection.full_name}|{sort}|[{{}}, {{}}]")
    begins, span = hints.get(key) or whole or (axis.number(ctx.clock()) if dates and way < 0 else None, axis.first_span)
    if query.cursor:
        value, identity, span = decode_cursor(query.cursor, sort)
        after = (axis.number(value), identity)
    scan = WindowScan(
        axis, way, span=span, need=query.limit + 1, after=after, near=begins if open_start else None,
        low=None if low is None else axis.number(low), high=None if high is None else axis.number(high),
        scan_limit=scan_limit,
    )  # fmt: skip
    shown = None if projection is None else _with_field(projection, field)
    rows = await scan.run(_reader(collection, where, field, axis, shown), field, keep)
    if scan.began is not None and not query.cursor and open_start:
        if len(hints) >= _HINTS:
            hints.clear()
        hints[key] = (scan.began, 1.05 * _width(axis, rows[: query.limit + 1], field, scan.span))
    following = None
    if len(rows) > query.limit:
        rows = rows[: query.limit]
        # Density may change steeply along a list: the end of this page tells best how wide the next one is.
        half = rows[len(rows) // 2 :]
        span = 2.4 * _width(axis, half, field, scan.span / 2.4)
        following = encode_cursor(sort, rows[-1][field], str(rows[-1]["_id"]), span)
    elif scan.stopped_at is not None:
        following = encode_cursor(sort, axis.value(scan.stopped_at[0]), scan.stopped_at[1], scan.span)
    counted = dict(count_where if count_where is not None else where)
    if low is not None or high is not None:
        bounds = {"$gte": low} if low is not None else {}
        counted.setdefault(field, bounds | ({"$lte": high} if high is not None else {}))
    total = await capped_count(ctx, collection, counted) if count else None
    return Page(
        items=[shape(row) for row in rows],
        limit=query.limit,
        total=total,
        total_capped=total == COUNT_CAP,
        next=following,
    )


def lookup_page(
    rows: Sequence[Document], query: PageQuery, *, sort: str, shape: Callable[[Document], Item]
) -> Page[Item]:
    """A page by cursor of a few rows that one narrow index found: sorted and cut here.

    Raises: Invalid: `page` above 1, or a foreign cursor.
    """
    _check_by_cursor(query)
    field, way = _split(sort)
    ordered = sorted(rows, key=lambda row: (row[field], row["_id"]), reverse=way < 0)
    if query.cursor:
        value, identity, _ = decode_cursor(query.cursor, sort)
        last = (value, identity)
        ordered = [
            row for row in ordered
            if ((row[field], row["_id"]) < last if way < 0 else (row[field], row["_id"]) > last)
        ]  # fmt: skip
    shown = ordered[: query.limit]
    more = len(ordered) > len(shown)
    following = encode_cursor(sort, shown[-1][field], str(shown[-1]["_id"]), 1.0) if more else None
    return Page(items=[shape(row) for row in shown], limit=query.limit, total=len(rows), next=following)


def _check_by_cursor(query: PageQuery) -> None:
    if query.page > 1:
        raise Invalid("This list goes on by `cursor`, not by `page`.", detail=_field("page", "use cursor"))


def _width(axis: Axis, rows: Sequence[Document], field: str, otherwise: float) -> float:
    """How far rows reach along the sort field; too few rows tell nothing."""
    if len(rows) < 5:
        return otherwise
    return max(abs(axis.number(rows[-1][field]) - axis.number(rows[0][field])), axis.least_span)


def _with_field(projection: Mapping[str, Any], field: str) -> dict[str, Any]:
    shown = dict(projection)
    if any(shown.values()):
        shown[field] = 1
    return shown


def _reader(
    collection: AsyncCollection[Document],
    where: Mapping[str, Any],
    field: str,
    axis: Axis,
    projection: Mapping[str, Any] | None,
) -> Reader:
    """Reads one window: every value of an `$in` by its own query, so that each one is a range of one index."""
    variants: list[dict[str, Any]] = [dict(where)]
    for key, condition in where.items():
        if isinstance(condition, Mapping) and set(condition) == {"$in"}:
            variants = [{**variant, key: value} for variant in variants for value in dict.fromkeys(condition["$in"])]

    async def read(above: float, below: float, cap: int, order: int, beyond: str | None) -> list[Document]:
        async def one(variant: dict[str, Any]) -> list[Document]:
            bounds: dict[str, Any] = {field: {"$gt": axis.value(above), "$lt": axis.value(below)}}
            if beyond is not None:
                bounds["_id"] = {"$lt" if order == -1 else "$gt": beyond}
            rows = collection.find({**variant, **bounds}, projection)
            return await rows.sort([(field, order), ("_id", order)]).limit(cap).to_list()

        parts = await asyncio.gather(*(one(variant) for variant in variants))
        return [row for part in parts for row in part]

    return read


async def capped_count(ctx: Context, collection: AsyncCollection[Document], where: Mapping[str, Any]) -> int | None:
    """Matches, at most 10,000; up to 10 s old; None while it is being counted (in the background, once a list)."""
    counts: dict[str, tuple[datetime, int | None]] = ctx.caches.setdefault("page_counts", {})
    key = f"{collection.full_name}|{json.dumps(where, sort_keys=True, default=str)}"
    now = datetime.now(UTC)
    known = counts.get(key)
    if known and now - known[0] < timedelta(seconds=COUNT_KEPT_S):
        return known[1]

    async def count() -> None:
        try:
            number = await collection.count_documents(where, limit=COUNT_CAP)
        except BaseException:
            counts.pop(key, None)
            raise
        counts[key] = (datetime.now(UTC), number)

    if len(counts) > 500:
        counts.clear()
    # The old figure is shown while the new one is made; the time set now keeps a second count from starting.
    counts[key] = (now, known[1] if known else None)
    counting = ctx.background.start(count(), name="page.count")
    # A short list is counted before its page is sent; a long one does not keep the page waiting.
    await asyncio.wait({counting}, timeout=COUNT_WAIT_S)
    return counts[key][1] if key in counts else None
