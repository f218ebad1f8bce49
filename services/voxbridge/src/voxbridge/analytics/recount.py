"""Counts what changed, from the calls themselves: repeatable, so figures cannot drift from the calls.

A bucket is marked in the same request that stores a result (or begins, closes or deletes a call), before the answer.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from voxkit.log import get_logger
from voxkit.zones import zone_of

from voxbridge.analytics import store
from voxbridge.analytics.periods import day_begins, day_of
from voxbridge.analytics.tally import Count
from voxbridge.calls.skeleton import bucket_of
from voxbridge.context import Context
from voxbridge.settings.service import get_settings

Document = dict[str, Any]
VERSION = 2
"""Raised when the figures are counted by other rules: the next start then counts everything again."""
AT_ONCE = 200
REST = 20.0
"""Pause after a pass, in its own durations: counting takes at most a twentieth of the store's time."""
_UTC = ZoneInfo("UTC")
log = get_logger("voxbridge.analytics")


async def mark(ctx: Context, call: Document | None) -> None:
    """A call began, ended, changed or is gone: its bucket is counted again. Raises: store errors."""
    if call is not None and isinstance(begun := call.get("bucket_utc") or call.get("created_at"), datetime):
        await store.mark(ctx, bucket_of(begun))


async def mark_everything(ctx: Context) -> int:
    """Count all calls again, in the background. Returns the number of buckets."""
    found = await store.all_buckets(ctx)
    await store.mark_many(ctx, found)
    return len(found)


class Recount:
    """`run` counts the marked buckets, and their days, when it is time again."""

    def __init__(self, ctx: Context, clock: Callable[[], float] = time.monotonic) -> None:
        self._ctx = ctx
        self._clock = clock
        self._not_before = float("-inf")

    async def run(self) -> None:
        began = self._clock()
        if began < self._not_before:
            return
        try:
            await self.run_now()
        finally:
            self._not_before = began + REST * (self._clock() - began)

    async def run_now(self) -> int:
        """Everything that is marked now. Returns the number of buckets counted."""
        ctx = self._ctx
        meta = await store.meta(ctx)
        zone = zone_of((await get_settings(ctx)).display_timezone) or _UTC
        if meta.get("version") != VERSION:
            await store.forget_days(ctx)
            log.info("analytics.recount_all", buckets=await mark_everything(ctx))
        elif meta.get("zone") != zone.key:
            # The days of another zone are of no use: the buckets stay, their days are made anew.
            await store.forget_days(ctx)
            await self._count_days({day_of(bucket, zone) for bucket in await store.all_buckets(ctx)}, zone)
            await store.write_meta(ctx, zone=zone.key)
        total = 0
        while taken := await store.take_due(ctx, AT_ONCE):
            done = [bucket for bucket in taken if await self._count_bucket(bucket)]
            ready = await self._count_days({day_of(bucket, zone) for bucket in done}, zone)
            finished = [bucket for bucket in done if day_of(bucket, zone) in ready]
            await store.counted(ctx, finished)
            total += len(finished)
            if len(finished) < len(taken):
                break  # somebody else counted them at the same time; the next pass looks again
        else:
            if meta.get("version") != VERSION:
                await store.write_meta(ctx, version=VERSION, zone=zone.key)
        return total

    async def _count_bucket(self, bucket: datetime) -> bool:
        seen = {name: await store.revision(self._ctx, name, bucket) for name in store.BUCKETS.values()}
        count = Count()
        async for calls in store.calls_of(self._ctx, bucket):
            for call in calls:
                count.add_call(call)
        figures = count.document() if count else {}
        stored = [
            await store.put(self._ctx, name, bucket, seen[name], {part: figures[part]} if figures else None)
            for part, name in store.BUCKETS.items()
        ]
        return all(stored)

    async def _count_days(self, days: Iterable[date], zone: ZoneInfo) -> set[date]:
        """The days whose figures are stored now."""
        ready: set[date] = set()
        for day in sorted(days):
            name = day_name(day, zone)
            before = {part["_id"]: part for part in await store.parts_of_day(self._ctx, name)}
            since, until = day_begins(day, zone), day_begins(day + timedelta(days=1), zone)
            count = Count()
            for bucket in await store.buckets(self._ctx, since, until, "rows"):
                count.add_rows(bucket["rows"])
            parts = {
                day_id(day, zone, bot_id): {"day": name, **figures}
                for bot_id, figures in (*count.by_bot(), *([("", {"all": count.whole().document()})] if count else []))
            }
            stored = [
                await store.put(self._ctx, "call_stats_days", identity, _revision(before.get(identity)), figures)
                for identity in before.keys() | parts.keys()
                if not _same(before.get(identity), figures := parts.get(identity))
            ]
            if all(stored):
                ready.add(day)
        return ready


def day_name(day: date, zone: ZoneInfo) -> str:
    return f"{zone.key}|{day.isoformat()}"


def day_id(day: date, zone: ZoneInfo, bot_id: str) -> str:
    """`bot_id` "": all calls of the day. The days of one bot stand in a row."""
    return f"{zone.key}|{quote(bot_id, safe='')}|{day.isoformat()}"


def _revision(stored: Document | None) -> int:
    return int(stored["revision"]) if stored else 0


def _same(stored: Document | None, figures: Document | None) -> bool:
    """Whether a document says this already; a write less for each bot whose figures did not move."""
    if stored is None or figures is None:
        return stored is figures
    return all(stored.get(name) == _lists(value) for name, value in figures.items())


def _lists(value: Any) -> Any:
    """As the store gives it back."""
    if isinstance(value, dict):
        return {name: _lists(each) for name, each in value.items()}
    return [_lists(each) for each in value] if isinstance(value, list | tuple) else value
