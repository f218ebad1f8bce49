"""Collection `dnc`: `_id` = the number's digits. An entry past `expires_at` counts as absent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pymongo import IndexModel
from pymongo.asynchronous.collection import AsyncCollection

from voxbridge.bulk import insert_missing, parts
from voxbridge.context import Context

Document = dict[str, Any]
_AFTER_DIGITS = ":"  # the character after "9": the end of a range of digit texts
INDEXES = [
    ("dnc", IndexModel([("created_at", -1), ("_id", -1)], name="created_at")),
    # A range of `_id` reads the whole collection on the embedded server; the search by first digits needs its own.
    ("dnc", IndexModel([("phone_number", 1)], name="phone_number")),
]


def collection(ctx: Context) -> AsyncCollection[Document]:
    return ctx.db["dnc"]


def holds(entry: Document, now: datetime) -> bool:
    """Whether it still forbids calls."""
    return entry.get("expires_at") is None or entry["expires_at"] > now


async def listed(ctx: Context, keys: Sequence[str], now: datetime) -> set[str]:
    """Those of the numbers that must not be called."""
    found: set[str] = set()
    for part in parts(keys):
        rows = collection(ctx).find({"_id": {"$in": part}}, {"expires_at": 1})
        found |= {row["_id"] async for row in rows if holds(row, now)}
    return found


async def find(ctx: Context, key: str) -> Document | None:
    return await collection(ctx).find_one({"_id": key})


async def find_many(ctx: Context, keys: Sequence[str]) -> list[Document]:
    found: list[Document] = []
    for part in parts(keys):
        found += await collection(ctx).find({"_id": {"$in": part}}).to_list()
    return found


async def by_prefix(ctx: Context, digits: str, limit: int) -> list[Document]:
    """Entries whose number begins with these digits, with or without a `+`, in no order; at most `limit` of each."""
    found: list[Document] = []
    for first in (f"+{digits}", digits):
        numbers = {"$gte": first, "$lt": first + _AFTER_DIGITS}
        found += await collection(ctx).find({"phone_number": numbers}).limit(limit).to_list()
    return found


async def insert_new(ctx: Context, entries: Sequence[Document]) -> list[Document]:
    """Add those whose number does not stand there; returns the others."""
    return await insert_missing(collection(ctx), entries)


async def replace(ctx: Context, old: Document, new: Document) -> bool:
    """Put an entry in the place of one that has expired; False: somebody else changed that one."""
    unchanged = {"_id": old["_id"], "expires_at": old["expires_at"]}
    return (await collection(ctx).replace_one(unchanged, new)).matched_count == 1


async def extend(ctx: Context, old: Document, until: datetime | None) -> None:
    """Move the end of an entry; one that was changed meanwhile stays as it is now."""
    unchanged = {"_id": old["_id"], "expires_at": old["expires_at"]}
    await collection(ctx).update_one(unchanged, {"$set": {"expires_at": until}})


async def delete(ctx: Context, key: str) -> bool:
    return (await collection(ctx).delete_one({"_id": key})).deleted_count == 1
