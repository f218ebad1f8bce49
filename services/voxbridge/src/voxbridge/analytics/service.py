"""Answers of the analytics, folded from buckets and days. What was answered is kept for 10 s."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel
from redis.exceptions import RedisError
from voxkit.errors import Invalid
from voxkit.zones import zone_of

from voxbridge.analytics import store
from voxbridge.analytics.models import (
    CallBucket,
    CallsOverTime,
    DisconnectReasonCount,
    DisconnectReasons,
    DispositionCount,
    Dispositions,
    Figures,
    FleetFigures,
    LatencyBucket,
    LatencyOverTime,
    Overview,
)
from voxbridge.analytics.periods import LONGEST, Interval, Span, day_begins, day_of, edge, edges, whole_days
from voxbridge.analytics.recount import VERSION, day_id
from voxbridge.analytics.tally import Tally
from voxbridge.calls.skeleton import bucket_of
from voxbridge.context import Context
from voxbridge.fleet import figures as fleet
from voxbridge.queries import moment, wrong
from voxbridge.settings.service import get_settings

Document = dict[str, Any]
KEPT_S = 10
FLEET_WAIT_S = 1.0
LASTING = timedelta(hours=3)
"""No call lasts longer: those that have not ended began since then."""
_UTC = ZoneInfo("UTC")


@dataclass(frozen=True)
class Question:
    """Which calls are meant. `scope`: the bot whose days hold them, "" for all calls.

    `daily`: the days of this zone are counted, so whole days need no bucket; the sums of buckets are there too.
    """

    span: Span
    zone: ZoneInfo
    bot_id: str
    campaign_id: str
    scope: str
    daily: bool

    @property
    def of_buckets(self) -> str:
        """The part of a bucket that holds what is meant. The rows of all bots and campaigns are the sum as well."""
        return "rows" if self.bot_id or self.campaign_id or not self.daily else "all"

    @property
    def of_days(self) -> str:
        return "rows" if self.campaign_id else "all"

    def tally(self, stored: Iterable[Document]) -> Tally:
        """The sum of what is meant in some buckets or days."""
        total = Tally()
        for one in stored:
            self.add(total, one)
        return total

    def add(self, total: Tally, stored: Document) -> None:
        """Add what is meant in a bucket or day."""
        if "all" in stored:
            total.add_stored(stored["all"])
        for row in stored.get("rows", ()):
            if self.bot_id in ("", row["bot_id"]) and self.campaign_id in ("", row["campaign_id"]):
                total.add_stored(row)


async def question(ctx: Context, begin: str, end: str, bot_id: str, campaign_id: str) -> Question:
    """Dates are days of the display zone, `end` inclusive; times are moments, `end` exclusive. Default: today.

    Raises: Invalid `range_too_wide`; Invalid: no date, or a range that ends before it begins.
    """
    zone = zone_of((await get_settings(ctx)).display_timezone) or _UTC
    now = ctx.clock()
    since = _moment("from", begin, zone) or day_begins(day_of(now, zone), zone)
    until = _moment("to", end, zone, end=True) or max(now, since + timedelta(minutes=1))
    if until <= since:
        raise wrong("to", "must be after from")
    if until - since > LONGEST + timedelta(hours=1):  # a day of 25 hours may be among them
        raise Invalid(f"Give from and to at most {LONGEST.days} days apart.", code="range_too_wide")
    meta = await store.meta(ctx)
    daily = meta.get("version") == VERSION and meta.get("zone") == zone.key
    scope = bot_id or (await store.bot_of(ctx, campaign_id) if campaign_id else "")
    # Of a campaign that is gone, only the buckets know.
    daily = daily and bool(scope or not campaign_id)
    return Question(Span.around(since, until), zone, bot_id, campaign_id, scope, daily)


def _moment(name: str, text: str, zone: ZoneInfo, *, end: bool = False) -> datetime | None:
    if len(text) != 10:
        return moment(name, text)
    try:
        day = date.fromisoformat(text)
        return day_begins(day + timedelta(days=1) if end else day, zone)
    except (ValueError, OverflowError):
        raise wrong(name, "is no date and no time in ISO 8601") from None


async def kept(ctx: Context, asked: Question, make: Callable[..., Awaitable[BaseModel]], *further: str) -> str:
    """What `make(ctx, asked, *further)` answers, as JSON and at most 10 s old; without Redis it is made every time."""
    span, zone = asked.span, asked.zone.key
    words = [make.__name__, *further, span.since.isoformat(), span.until.isoformat(), zone, asked.bot_id,
             asked.campaign_id]  # fmt: skip
    key = f"vox:analytics:{hashlib.sha256(json.dumps(words).encode()).hexdigest()[:32]}"
    with suppress(RedisError, OSError):
        if text := await ctx.redis.get(key):
            return str(text)
    text = (await make(ctx, asked, *further)).model_dump_json(by_alias=True)
    with suppress(RedisError, OSError):
        await ctx.redis.set(key, text, ex=KEPT_S)
    return text


async def _total(ctx: Context, asked: Question, span: Span) -> Tally:
    """Whole days by day, what is left at both ends by bucket."""
    if not asked.daily:
        return asked.tally(await _buckets(ctx, asked, span))
    head, days, tail = whole_days(span, asked.zone)
    parts = await asyncio.gather(_buckets(ctx, asked, head), _days(ctx, asked, days), _buckets(ctx, asked, tail))
    return asked.tally(one for part in parts for one in part)


async def _buckets(ctx: Context, asked: Question, span: Span) -> list[Document]:
    if span.since >= span.until:
        return []
    return await store.buckets(ctx, span.since, span.until, asked.of_buckets)


async def _days(ctx: Context, asked: Question, days: Sequence[date]) -> list[Document]:
    if not days:
        return []
    first, after = (day_id(day, asked.zone, asked.scope) for day in (days[0], days[-1] + timedelta(days=1)))
    return await store.days(ctx, first, after, asked.of_days)


async def overview(ctx: Context, asked: Question) -> Overview:
    now = ctx.clock()
    recent = Span(bucket_of(now - LASTING), now)
    current, before, lately, running, seats = await asyncio.gather(
        _total(ctx, asked, asked.span),
        _total(ctx, asked, asked.span.before(now)),
        _buckets(ctx, asked, recent),
        store.running_campaigns(ctx, asked.bot_id, asked.campaign_id),
        _fleet(ctx),
    )
    return Overview.model_validate(
        {
            **_figures(current).model_dump(),
            "from": asked.span.since,
            "to": asked.span.until,
            "timezone": asked.zone.key,
            "active_calls": asked.tally(lately).status["in_progress"],
            "running_campaigns": running,
            "fleet": seats,
            "previous": _figures(before),
        }
    )


def _figures(tally: Tally) -> Figures:
    responses = tally.bins.total()
    return Figures(
        total_calls=tally.calls,
        connected_calls=tally.connected,
        connect_rate=round(tally.connected / tally.ended, 4) if tally.ended else None,
        failed_calls=tally.status["failed"],
        voicemail_calls=tally.status["voicemail"],
        transferred_calls=tally.transferred,
        total_minutes=round(tally.seconds / 60, 1),
        avg_duration_seconds=round(tally.connected_seconds / tally.connected, 1) if tally.connected else None,
        avg_response_ms=round(tally.response_ms / responses) if responses else None,
        p95_response_ms=_whole(tally.percentile_ms(0.95)),
    )


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)


async def _fleet(ctx: Context) -> FleetFigures | None:
    """A fleet that is slow to answer must not keep the page waiting."""
    try:
        async with asyncio.timeout(FLEET_WAIT_S):
            status = await fleet.status(ctx)
    except TimeoutError:
        return None
    return FleetFigures(
        total_capacity=status.total_capacity, active_calls=status.active_calls, available=status.available
    )


async def _over_time(ctx: Context, asked: Question, interval: Interval) -> list[tuple[datetime, Tally]]:
    """Every hour or day of the span with its tally."""
    parts: dict[datetime, Tally] = {begin: Tally() for begin in edges(asked.span, asked.zone, interval)}
    if interval == "day" and asked.daily:
        head, days, tail = whole_days(asked.span, asked.zone)
        found = [*await _buckets(ctx, asked, head), *await _buckets(ctx, asked, tail)]
        for stored in await _days(ctx, asked, days):
            day = date.fromisoformat(stored["day"].rpartition("|")[2])
            asked.add(parts[day_begins(day, asked.zone)], stored)
    else:
        found = await _buckets(ctx, asked, asked.span)
    for bucket in found:
        asked.add(parts[edge(bucket["_id"], asked.zone, interval)], bucket)
    return list(parts.items())


async def calls_over_time(ctx: Context, asked: Question, interval: Interval) -> CallsOverTime:
    buckets = [
        CallBucket(
            start=start,
            calls=tally.calls,
            connected=tally.connected,
            failed=tally.status["failed"],
            avg_duration_seconds=round(tally.connected_seconds / tally.connected, 1) if tally.connected else None,
        )
        for start, tally in await _over_time(ctx, asked, interval)
    ]
    return CallsOverTime(timezone=asked.zone.key, interval=interval, buckets=buckets)


async def latency_over_time(ctx: Context, asked: Question, interval: Interval) -> LatencyOverTime:
    buckets = [
        LatencyBucket(
            start=start,
            p50_ms=_whole(tally.percentile_ms(0.5)),
            p95_ms=_whole(tally.percentile_ms(0.95)),
            calls=tally.bins.total(),
        )
        for start, tally in await _over_time(ctx, asked, interval)
    ]
    return LatencyOverTime(timezone=asked.zone.key, interval=interval, buckets=buckets)


async def dispositions(ctx: Context, asked: Question) -> Dispositions:
    tally = await _total(ctx, asked, asked.span)
    return Dispositions(
        items=[
            DispositionCount(disposition=name, count=count, share=round(count / tally.ended, 4))
            for name, count in _most_first(tally.dispositions)
        ]
    )


async def disconnect_reasons(ctx: Context, asked: Question) -> DisconnectReasons:
    tally = await _total(ctx, asked, asked.span)
    return DisconnectReasons(
        items=[
            DisconnectReasonCount(disconnected_by=name, count=count, share=round(count / tally.ended, 4))
            for name, count in _most_first(tally.causes)
        ]
    )


def _most_first(counts: Any) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))
