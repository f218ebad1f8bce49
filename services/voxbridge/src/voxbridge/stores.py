"""The connections of the process: opened, waited for, prepared, closed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import pymongo
from pymongo import AsyncMongoClient, IndexModel
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import ConnectionFailure, ExecutionTimeout, PyMongoError, WaitQueueTimeoutError
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from voxkit.errors import ConfigurationError
from voxkit.log import get_logger
from voxkit.mongodb import open_mongodb
from voxkit.schema import SCHEMA_VERSION

from voxbridge.settings import BridgeSettings

WAIT_S = 30.0
log = get_logger("voxbridge.stores")


def open_mongo(settings: BridgeSettings) -> AsyncMongoClient[dict[str, Any]]:
    """A client whose every operation ends within 5 s. Raises: ConfigurationError."""
    return open_mongodb(settings.mongodb_uri, appname="voxbridge")


def open_redis(settings: BridgeSettings) -> Redis:
    """A client that gives up after 1 s: whatever it holds can be done without."""
    try:
        return Redis.from_url(
            settings.redis_url,
            decode_responses=True,
            socket_timeout=1.0,
            socket_connect_timeout=1.0,
            retry=Retry(NoBackoff(), 1),
            retry_on_error=[ConnectionError],
            max_connections=100,
        )
    except ValueError as error:
        raise ConfigurationError(f"REDIS_URL is not usable: {error}") from None


def is_store_away(error: PyMongoError) -> bool:
    """Whether the store cannot be reached or does not answer in time (a repeat may help), not a mistake of ours."""
    return error.timeout or isinstance(error, ConnectionFailure | ExecutionTimeout | WaitQueueTimeoutError)


async def wait_for(name: str, variable: str, ping: Callable[[], Awaitable[Any]], *, wait_s: float) -> None:
    """Ping until it answers. Raises: ConfigurationError after `wait_s`: one line with the reason and the variable."""
    deadline = time.monotonic() + wait_s
    told = False
    while True:
        try:
            async with asyncio.timeout(5):
                await ping()
            return
        except (PyMongoError, RedisError, OSError, TimeoutError) as error:
            why = (str(error).split(",")[0] or type(error).__name__)[:200]
            if not told:
                told = True
                log.warning("store.waiting", store=name, error=why, wait_s=wait_s)
            if time.monotonic() >= deadline:
                raise ConfigurationError(
                    f"{name} cannot be reached for {wait_s:.0f} s ({why}); start it, or set {variable}"
                ) from None
        await asyncio.sleep(0.5)


async def make_indexes(db: AsyncDatabase[dict[str, Any]], indexes: Iterable[tuple[str, IndexModel]]) -> None:
    """Make what is missing. A change of an index's options under the same name is told, not done."""
    by_collection: dict[str, list[IndexModel]] = {}
    for collection, index in indexes:
        by_collection.setdefault(collection, []).append(index)
    with pymongo.timeout(600):
        for collection, models in by_collection.items():
            await db[collection].create_indexes(models)


async def check_schema(db: AsyncDatabase[dict[str, Any]]) -> None:
    """Refuse data of a release that is more than one schema ahead; else write down ours, never lower it.

    Raises: ConfigurationError.
    """
    meta = db["meta"]
    stored = await meta.find_one({"_id": "schema"})
    version = stored.get("schema_version", 0) if stored else 0
    if version > SCHEMA_VERSION + 1:
        raise ConfigurationError(
            f"the database {db.name} has schema {version}, this release knows {SCHEMA_VERSION} and the next one; "
            "run a newer image, or restore the backup made before the upgrade"
        )
    if version < SCHEMA_VERSION:
        await meta.update_one({"_id": "schema"}, {"$max": {"schema_version": SCHEMA_VERSION}}, upsert=True)
