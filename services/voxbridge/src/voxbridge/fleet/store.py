"""What the fleet choice keeps and counts in the database."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase

Document = dict[str, Any]
Database = AsyncDatabase[Document]
MAX_ID = "fleet_max"
LONGEST_CALL = timedelta(hours=3)


async def read_max(db: Database) -> int | None:
    """The `max` that the registry told last; None: no cap, or never told."""
    row = await db["meta"].find_one({"_id": MAX_ID})
    return row["max"] if row else None


async def write_max(db: Database, most: int | None) -> None:
    await db["meta"].update_one({"_id": MAX_ID}, {"$set": {"max": most}}, upsert=True)


async def count_calls(db: Database, fresh_since: datetime, limit: int) -> tuple[int, int]:
    """Calls in progress: (begun before `fresh_since`, since then), each counted up to `limit`."""
    calls = db["calls"]
    old = {"$gt": fresh_since - LONGEST_CALL, "$lte": fresh_since}
    return (
        await calls.count_documents({"status": "in_progress", "created_at": old}, limit=limit),
        await calls.count_documents({"status": "in_progress", "created_at": {"$gt": fresh_since}}, limit=limit),
    )
