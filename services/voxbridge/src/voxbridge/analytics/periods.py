"""Hours and days of a zone over buckets of 15 minutes, which every zone's hours fall on. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from voxbridge.calls.skeleton import BUCKET, bucket_of

Interval = Literal["hour", "day"]
LONGEST = timedelta(days=92)


@dataclass(frozen=True)
class Span:
    """Buckets that begin in `[since, until)`; both lie on edges of buckets."""

    since: datetime
    until: datetime

    @classmethod
    def around(cls, since: datetime, until: datetime) -> Span:
        """The buckets that hold `[since, until)`."""
        end = bucket_of(until)
        return cls(bucket_of(since), end if end == until else end + BUCKET)

    def before(self, now: datetime) -> Span:
        """The period before, as long as this one has lasted so far: half a day is compared with half a day."""
        begin = self.since - (self.until - self.since)
        lasted = min(self.until, max(now, self.since)) - self.since
        return Span.around(begin, begin + lasted)


def day_begins(day: date, zone: ZoneInfo) -> datetime:
    """Midnight of a day in a zone, as UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def day_of(at: datetime, zone: ZoneInfo) -> date:
    return at.astimezone(zone).date()


def whole_days(span: Span, zone: ZoneInfo) -> tuple[Span, list[date], Span]:
    """(buckets before the first whole day, the whole days, buckets after the last one)."""
    day = day_of(span.since, zone)
    if day_begins(day, zone) < span.since:
        day += timedelta(days=1)
    found: list[date] = []
    while day_begins(day + timedelta(days=1), zone) <= span.until:
        found.append(day)
        day += timedelta(days=1)
    if not found:
        return span, [], Span(span.until, span.until)
    return (
        Span(span.since, day_begins(found[0], zone)),
        found,
        Span(day_begins(found[-1] + timedelta(days=1), zone), span.until),
    )


def edge(at: datetime, zone: ZoneInfo, interval: Interval) -> datetime:
    """The begin of the hour or day of the zone that holds a moment, as UTC."""
    local = at.astimezone(zone)
    if interval == "day":
        return day_begins(local.date(), zone)
    return local.replace(minute=0, second=0, microsecond=0).astimezone(UTC)


def edges(span: Span, zone: ZoneInfo, interval: Interval) -> Iterator[datetime]:
    """The begins of all hours or days that a span touches, in order, those of empty ones included."""
    last: datetime | None = None
    at = span.since
    while at < span.until:
        begin = edge(at, zone, interval)
        if begin != last:
            last = begin
            yield begin
        at += BUCKET
