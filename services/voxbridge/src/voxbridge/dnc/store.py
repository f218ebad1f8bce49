"""Collection `dnc`: `_id` = the number's digits. An entry past `expires_at` counts as absent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from pymongo import IndexModel

from voxbridge.context import Context

Document = dict[str, Any]
LOOKUP = 200  # ids a query: the embedded server takes longer for each hit the longer the list is
INDEXES = [("dnc", IndexModel([("created_at", -1), ("_id", -1)], name="created_at"))]


def parts(values: Sequence[str]) -> Iterable[list[str]]:
    return (list(values[at : at + LOOKUP]) for at in range(0, len(values), LOOKUP))


def holds(entry: Document, now: datetime) -> bool:
    """Whether it still forbids calls."""
    return entry.get("expires_at") is None or entry["expires_at"] > now


async def listed(ctx: Context, keys: Sequence[str], now: datetime) -> set[str]:
    """Those of the numbers that must not be called."""
    found: set[str] = set()
    for part in parts(keys):
        rows = ctx.db["dnc"].find({"_id": {"$in": part}}, {"expires_at": 1})
        found |= {row["_id"] async for row in rows if holds(row, now)}
    return found
