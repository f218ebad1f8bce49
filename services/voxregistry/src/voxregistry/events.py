"""`GET /v1/events`: what happens in a pool, as server-sent events that can be taken up again."""

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import suppress
from typing import Any, cast

from redis.exceptions import RedisError
from voxkit.errors import StoreUnavailable
from voxkit.sse import COMMENT_S, STILL_HERE, event

from voxregistry.api import Core
from voxregistry.store import key_of

PAGE = 200


def _order(entry_id: str) -> tuple[int, int]:
    ms, _, n = entry_id.partition("-")
    return (int(ms), int(n or 0)) if ms.isdigit() and (n or "0").isdigit() else (0, 0)


class History:
    """The stream of a pool in the store. Raises: StoreUnavailable."""

    def __init__(self, core: Core, pool: str) -> None:
        self._redis = core.store.redis
        self._key = key_of(pool, "events")

    async def ends(self) -> tuple[str, str]:
        """Ids of the oldest and the newest entry; `0-0` when there is none."""
        first = await self._read("-", "+", 1, newest=False)
        last = await self._read("+", "-", 1, newest=True)
        return (first[0][0], last[0][0]) if first and last else ("0-0", "0-0")

    async def after(self, entry_id: str) -> list[tuple[str, list[tuple[str, dict[str, Any]]]]]:
        """The next entries: id, and what happened in that step."""
        return await self._read(f"({entry_id}", "+", PAGE, newest=False)

    async def _read(self, start: str, end: str, count: int, *, newest: bool) -> list[tuple[str, Any]]:
        read = self._redis.xrevrange if newest else self._redis.xrange
        try:
            found = cast("Any", await read(self._key, start, end, count=count))
        except (RedisError, OSError) as error:
            raise StoreUnavailable(f"The registry's store is away: {type(error).__name__}") from None
        return [(entry_id.decode(), json.loads(fields[b"e"])) for entry_id, fields in found]


async def stream(
    core: Core, pool: str, last_id: str | None, types: frozenset[str], filters: Mapping[str, str]
) -> AsyncGenerator[bytes]:
    """Messages until the process stops or the store is away; then the reader connects again."""
    with suppress(StoreUnavailable):
        history = History(core, pool)
        oldest, newest = await history.ends()
        cursor = last_id or newest
        generation = (await core.store.step("read", pool, {"what": "counts"})).generation
        yield event("hello", {"pool": pool, "generation": generation}, cursor)
        if last_id and not _order(oldest) <= _order(last_id) <= _order(newest):
            cursor = newest
            yield event("reset", {}, cursor)
        wanted = {name: value for name, value in filters.items() if value}
        async with core.pools.listening(pool) as signal:
            while not core.stopping:
                signal.clear()
                entries = await history.after(cursor)
                for cursor, events in entries:
                    shown = [
                        (name, data)
                        for name, data in events
                        if (not types or name in types) and all(data.get(key) == value for key, value in wanted.items())
                    ]
                    for index, (name, data) in enumerate(shown, 1):
                        # The id stands on the last event of a step: who breaks off in between gets all of it again.
                        yield event(name, data, cursor if index == len(shown) else "")
                if len(entries) == PAGE and _order((await history.ends())[0]) > _order(cursor):
                    yield event("reset", {}, cursor)  # read more slowly than it was written
                if not entries:
                    try:
                        async with asyncio.timeout(COMMENT_S):
                            await signal.wait()
                    except TimeoutError:
                        yield STILL_HERE
