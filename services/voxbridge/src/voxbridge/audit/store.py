"""Collection `audit_log`: append-only."""

from __future__ import annotations

from typing import Any

from pymongo import IndexModel
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase

Document = dict[str, Any]
INDEXES = [
    ("audit_log", IndexModel([("at", -1), ("_id", -1)], name="at")),
    ("audit_log", IndexModel([("entity_type", 1), ("entity_id", 1), ("at", -1), ("_id", -1)], name="entity_at")),
    ("audit_log", IndexModel([("actor_id", 1), ("at", -1), ("_id", -1)], name="actor_at")),
]


def collection(db: AsyncDatabase[Document]) -> AsyncCollection[Document]:
    return db["audit_log"]


async def insert(db: AsyncDatabase[Document], entry: Document) -> None:
    await collection(db).insert_one(entry)
