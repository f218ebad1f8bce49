"""A number that comes onto the do-not-call list takes its waiting contacts off every campaign, within five seconds.

The list is read by `created_at` from where the last look ended, with an overlap: an entry is written a little later
than its own time. What is on the phone is left to the decision that follows its call, and a dial to the dialler's own
check."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pymongo
from voxkit.contracts.campaigns import WAITING

from voxbridge.campaigns import rows, store
from voxbridge.context import Context
from voxbridge.dnc import store as dnc

Document = dict[str, Any]
MARK = "dnc_spread"
OVERLAP = timedelta(seconds=60)
SPREAD_S = 600.0  # a list of a million numbers, once


class Suppression:
    """`run` takes over what was added since the last time."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._done: dict[str, datetime] = {}  # entries of the overlap that were looked at: digits -> `created_at`

    async def run(self) -> None:
        since, now = await store.read_mark(self._ctx, MARK), self._ctx.clock()
        upto = now - OVERLAP
        self._done = {key: at for key, at in self._done.items() if at > upto}
        new: list[Document] = []
        with pymongo.timeout(SPREAD_S):
            added = dnc.collection(self._ctx).find(
                {"created_at": {"$gt": since, "$lte": now}}, {"created_at": 1, "expires_at": 1}
            )
            async for entry in added.sort([("created_at", -1), ("_id", -1)]):
                if self._done.get(entry["_id"]) != entry["created_at"]:
                    new.append(entry)
                if len(new) >= store.LOOKUP:
                    await self._spread(new, now)
                    new = []
            await self._spread(new, now)
        if upto > since:
            await store.write_mark(self._ctx, MARK, upto)

    async def _spread(self, entries: list[Document], now: datetime) -> None:
        forbidden = [entry["_id"] for entry in entries if dnc.holds(entry, now)]
        found = await store.contacts_with(self._ctx, forbidden, rows.LEAVING) if forbidden else []
        await rows.leave(self._ctx, [row for row in found if row["status"] in WAITING], "excluded")
        self._done |= {entry["_id"]: entry["created_at"] for entry in entries if entry["created_at"] > now - OVERLAP}
