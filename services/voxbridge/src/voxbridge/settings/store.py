"""The one document `system_settings/system`, and its copy in Redis (60 s, secrets still encrypted)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bson import json_util
from pymongo.asynchronous.database import AsyncDatabase
from redis.asyncio import Redis
from redis.exceptions import RedisError
from voxkit.log import get_logger

Document = dict[str, Any]
Database = AsyncDatabase[Document]
ID = "system"
COPY, COPY_S = "vox:settings", 60
log = get_logger("voxbridge.settings")


async def read(db: Database) -> Document | None:
    return await db["system_settings"].find_one({"_id": ID})


async def make(db: Database, defaults: Document) -> None:
    """Write the defaults unless the document is there."""
    await db["system_settings"].update_one({"_id": ID}, {"$setOnInsert": defaults}, upsert=True)


async def swap(db: Database, revision: int, changes: Mapping[str, Any]) -> Document | None:
    """Set fields (dotted paths) if the revision is still this one; the new document, or None."""
    done = await db["system_settings"].update_one(
        {"_id": ID, "revision": revision}, {"$set": {**changes, "revision": revision + 1}}
    )
    if not done.matched_count:
        return None
    return await read(db)


async def read_copy(redis: Redis) -> Document | None:
    """None when there is none, or Redis is away."""
    try:
        text = await redis.get(COPY)
        copy = json_util.loads(text, json_options=json_util.JSONOptions(tz_aware=True)) if text else None
    except (RedisError, OSError, ValueError, TypeError):
        return None
    return copy if isinstance(copy, dict) and copy.get("_id") == ID else None


async def write_copy(redis: Redis, document: Document, *, replace: bool) -> None:
    """A reader never replaces a copy (its document may be the older one); a writer always does."""
    try:
        await redis.set(COPY, json_util.dumps(document), ex=COPY_S, nx=not replace)
    except (RedisError, OSError) as error:
        log.warning("settings.copy_failed", error=type(error).__name__)
