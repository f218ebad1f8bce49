"""Collection `api_keys`: `_id` = key_id; `key_hash` unique."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from pymongo import IndexModel, ReturnDocument
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase

Document = dict[str, Any]
Database = AsyncDatabase[Document]
INDEXES = [("api_keys", IndexModel([("key_hash", 1)], name="key_hash", unique=True))]


def collection(db: Database) -> AsyncCollection[Document]:
    return db["api_keys"]


async def insert(db: Database, key: Document) -> None:
    await collection(db).insert_one(key)


async def by_hash(db: Database, key_hash: str) -> Document | None:
    return await collection(db).find_one({"key_hash": key_hash})


async def change(db: Database, key_id: str, changes: Mapping[str, Any]) -> Document | None:
    """The key after the change; None when there is none."""
    return await collection(db).find_one_and_update(
        {"_id": key_id}, {"$set": dict(changes)}, return_document=ReturnDocument.AFTER
    )


async def delete(db: Database, key_id: str) -> bool:
    return (await collection(db).delete_one({"_id": key_id})).deleted_count == 1


async def note_use(db: Database, key_id: str, at: datetime, *, at_most_every: timedelta) -> None:
    """Write the time of use, unless a use within `at_most_every` is written already."""
    await collection(db).update_one(
        {"_id": key_id, "$or": [{"last_used_at": None}, {"last_used_at": {"$lte": at - at_most_every}}]},
        {"$set": {"last_used_at": at}},
    )
