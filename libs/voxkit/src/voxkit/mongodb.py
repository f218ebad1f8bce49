"""The one way to open MongoDB: a client that outlives operations that are given up half-way."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable
from typing import Any, TypeVar

import pymongo.lock
from pymongo import AsyncMongoClient
from pymongo.errors import InvalidURI, PyMongoError

from voxkit.errors import ConfigurationError

T = TypeVar("T")
OPERATION_MS = 5_000
CONNECT_MS = 2_000
MOST_CONNECTIONS = 50


def open_mongodb(uri: str, *, appname: str, **more: Any) -> AsyncMongoClient[dict[str, Any]]:
    """A client whose every operation ends within 5 s; long work widens that with `pymongo.timeout`.

    `more` are options of the driver. Nothing is connected yet. Raises: ConfigurationError: the address is none.
    """
    _mend_conditions()
    try:
        return AsyncMongoClient(
            uri,
            tz_aware=True,
            timeoutMS=OPERATION_MS,
            serverSelectionTimeoutMS=CONNECT_MS,
            connectTimeoutMS=CONNECT_MS,
            maxPoolSize=MOST_CONNECTIONS,
            appname=appname,
            **more,
        )
    except (InvalidURI, PyMongoError, ValueError) as error:
        raise ConfigurationError(f"MONGODB_URI is not usable: {error}") from None


def _mend_conditions() -> None:
    """Let the driver wait for its conditions as it does on Python 3.12.

    `asyncio.wait_for` of 3.11 waits in a task of its own. Who is cancelled again while that task is being ended goes on
    without it, and it takes the condition's lock later and keeps it: each operation of the client then waits for ever.
    Web servers cancel so: a task group cancels at each turn of the loop until its task has ended. A caller who hangs up
    while the database does not answer is enough.
    """
    if sys.version_info < (3, 12):
        setattr(pymongo.lock, "wait_for", wait_in_place)  # noqa: B010 - the driver's own name, with a wider type


async def wait_in_place(awaitable: Awaitable[T], timeout: float | None) -> T:
    """`asyncio.wait_for` as of Python 3.12: the caller's own task waits. Raises: TimeoutError."""
    async with asyncio.timeout(timeout):
        return await awaitable
