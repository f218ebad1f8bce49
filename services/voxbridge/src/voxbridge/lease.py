"""A lease in the store, judged by each reader's own monotonic clock, so that no two hosts must agree on the time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import DuplicateKeyError


class Lease:
    """Document `{_id: name, owner, epoch, beat, released}`."""

    def __init__(
        self,
        collection: AsyncCollection[dict[str, Any]],
        name: str,
        *,
        take_over_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._collection = collection
        self._name = name
        self._take_over_s = take_over_s
        self._clock = clock
        self._seen: tuple[Any, ...] | None = None
        self._seen_at = 0.0

    async def beat_or_take(self, owner: str) -> bool:
        """True when the lease is `owner`'s now: its beat was raised, or it was free, given back or left alone."""
        current = await self._collection.find_one({"_id": self._name})
        if current is None:
            fresh = {"_id": self._name, "owner": owner, "epoch": 1, "beat": 1, "released": False}
            try:
                await self._collection.insert_one(fresh)
            except DuplicateKeyError:
                return False
            return True
        if current["owner"] == owner and not current["released"]:
            return await self._swap(current, owner, epoch=current["epoch"])
        look = (current["owner"], current["epoch"], current["beat"], current["released"])
        if look != self._seen:
            self._seen, self._seen_at = look, self._clock()
        if current["released"] or self._clock() - self._seen_at >= self._take_over_s:
            return await self._swap(current, owner, epoch=current["epoch"] + 1)
        return False

    async def _swap(self, current: dict[str, Any], owner: str, *, epoch: int) -> bool:
        done = await self._collection.update_one(
            {"_id": self._name, "owner": current["owner"], "epoch": current["epoch"], "beat": current["beat"]},
            {"$set": {"owner": owner, "epoch": epoch, "released": False, "beat": current["beat"] + 1}},
        )
        if done.modified_count:
            return True
        # A repeat by the driver reports nothing although its first try was applied: look for our own token.
        mine = {"_id": self._name, "owner": owner, "epoch": epoch, "beat": current["beat"] + 1, "released": False}
        return await self._collection.find_one(mine) is not None

    async def release(self, owner: str) -> None:
        """Give it back, so that another process takes it without waiting."""
        await self._collection.update_one({"_id": self._name, "owner": owner}, {"$set": {"released": True}})
