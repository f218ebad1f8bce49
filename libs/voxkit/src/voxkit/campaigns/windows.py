"""When a campaign may dial: windows by the wall clock of one or several zones, and the active hours of its bot.

Every function takes the time; none asks a clock. Times are aware, answers are UTC.

A window on a day is an interval of real time. A wall-clock time that a clock change skips moves forward to the first
that exists; one that happens twice means the first for a start and the second for an end. A window over midnight
belongs to the day it began; equal start and end are the whole day.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import phonenumbers
from phonenumbers import timezone as phone_zones

from voxkit.contracts.campaigns import DAYS, TimeWindow
from voxkit.phone import dial_form
from voxkit.zones import zone_of

AHEAD_DAYS = 15
"""How far an opening is looked for: a week is enough for one zone, and two for days that several zones share."""

FARTHEST_DAYS = 90
"""How far ahead an end is worth telling."""

ActiveHours: TypeAlias = Mapping[str, Any]
"""Of a bot: `{enabled, start_time, end_time, days}`; null or not enabled = always."""
Interval: TypeAlias = tuple[datetime, datetime]
"""`[start, end)`, UTC."""


@dataclass(frozen=True)
class _Rule:
    """A daily wall-clock interval on some days of the week."""

    start: time
    end: time
    days: frozenset[str]

    def on(self, day: date, zone: ZoneInfo) -> Interval | None:
        """The interval that begins on this day."""
        if DAYS[day.weekday()] not in self.days:
            return None
        if self.start == self.end:
            # The day ends where the next begins, also where the clock goes back over midnight.
            return moment(day, time(0), zone), moment(day + timedelta(days=1), time(0), zone)
        last = day if self.start < self.end else day + timedelta(days=1)
        opens, closes = moment(day, self.start, zone), moment(last, self.end, zone, fold=1)
        return (opens, closes) if opens < closes else None

    def around(self, zone: ZoneInfo, since: datetime, until: datetime) -> list[Interval]:
        """All intervals that end after `since` and begin on the day of `until` or before, in their order."""
        first, last = (at.astimezone(zone).date() for at in (since, until))
        days = (first + timedelta(days=n) for n in range(-1, (last - first).days + 1))
        return [found for day in days if (found := self.on(day, zone)) and found[1] > since]

    def holds(self, zone: ZoneInfo, now: datetime) -> bool:
        return any(start <= now < end for start, end in self.around(zone, now, now))


def moment(day: date, at: time, zone: ZoneInfo, *, fold: int = 0) -> datetime:
    """When the wall clock of a zone shows a time on a day, UTC. Shown twice: the first, with `fold` 1 the second;
    skipped by a clock change: the first time that exists behind it."""
    wall = datetime.combine(day, at, zone).replace(fold=fold)
    there = wall.astimezone(UTC)
    if there.astimezone(zone).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return there
    # Skipped by a clock change. With fold 1 the offset after the change is used, which lands before it; the change
    # itself is where the wall clock first shows a later time.
    return _change_after(wall.replace(fold=1).astimezone(UTC), zone)


def _change_after(early: datetime, zone: ZoneInfo) -> datetime:
    """The clock change that follows within a day, to the second."""
    before, low, high = early.astimezone(zone).utcoffset(), early, early + timedelta(days=1)
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)


def _common(several: Sequence[list[Interval]]) -> list[Interval]:
    """Where all are open at once; nowhere without any."""
    common = several[0] if several else []
    for other in several[1:]:
        found = ((max(a, c), min(b, d)) for a, b in common for c, d in other)
        common = [(start, end) for start, end in found if start < end]
    return common


def _window_rule(window: TimeWindow) -> _Rule:
    return _Rule(time.fromisoformat(window.start), time.fromisoformat(window.end), frozenset(window.days))


def _hours_rule(hours: ActiveHours | None) -> _Rule | None:
    if not hours or not hours.get("enabled"):
        return None
    start, end = _clock(hours.get("start_time"), time(9)), _clock(hours.get("end_time"), time(18))
    return _Rule(start, end, frozenset(hours.get("days") or ()))


def _clock(value: object, default: time) -> time:
    try:
        return time.fromisoformat(str(value))
    except ValueError:
        return default


def _rules(
    window: TimeWindow, zones: Sequence[ZoneInfo], hours: tuple[ActiveHours | None, ZoneInfo] | None
) -> list[tuple[_Rule, ZoneInfo]]:
    """What must be open at once: the window in every zone, and the bot's hours in theirs."""
    rules = [(_window_rule(window), zone) for zone in zones]
    own = _hours_rule(hours[0]) if hours else None
    return [*rules, (own, hours[1])] if hours and own else rules


def _open_times(rules: Sequence[tuple[_Rule, ZoneInfo]], since: datetime, until: datetime) -> list[Interval]:
    return _common([rule.around(zone, since, until) for rule, zone in rules])


def is_open(window: TimeWindow, zones: Sequence[ZoneInfo], now: datetime) -> bool:
    """Whether the window is open in every one of the zones."""
    rule = _window_rule(window)
    return bool(zones) and all(rule.holds(zone, now) for zone in zones)


def closes_at(window: TimeWindow, zones: Sequence[ZoneInfo], now: datetime) -> datetime | None:
    """When the window that is open now ends; None while it is shut.

    The window of one day: where one day follows another without a gap, each has its own end.
    """
    rule = _window_rule(window)
    times = _open_times([(rule, zone) for zone in zones], now, now)
    return next((end for start, end in times if start <= now < end), None)


def next_open(
    window: TimeWindow,
    zones: Sequence[ZoneInfo],
    after: datetime,
    hours: tuple[ActiveHours | None, ZoneInfo] | None = None,
) -> datetime | None:
    """The first moment, not before `after`, at which the window is open in every zone and the bot's hours in theirs.

    None when there is none within two weeks: no day that they share, or hours that never meet.
    """
    rules = _rules(window, zones, hours)
    times = _open_times(rules, after, after + timedelta(days=AHEAD_DAYS))
    return next((max(start, after.astimezone(UTC)) for start, _ in times), None)


def after_open(
    window: TimeWindow,
    zones: Sequence[ZoneInfo],
    since: datetime,
    amount: timedelta,
    hours: tuple[ActiveHours | None, ZoneInfo] | None = None,
) -> datetime | None:
    """When window and hours will have been open together for `amount` of time, counted from `since`.

    None when that is more than `FARTHEST_DAYS` ahead.
    """
    rules = _rules(window, zones, hours)
    left, counted_to = amount, since.astimezone(UTC)
    last = counted_to + timedelta(days=FARTHEST_DAYS)
    while counted_to < last:
        until = counted_to + timedelta(days=AHEAD_DAYS)
        for opens, closes in _open_times(rules, counted_to, until):
            begins, ends = max(opens, counted_to), min(closes, until)
            if begins >= ends:
                continue
            if left <= ends - begins:
                return begins + left
            left -= ends - begins
            counted_to = ends
        counted_to = until
    return None


def open_time(window: TimeWindow, zones: Sequence[ZoneInfo], since: datetime, until: datetime) -> timedelta:
    """For how long the window was open in every one of the zones, between two moments."""
    rule = _window_rule(window)
    times = _open_times([(rule, zone) for zone in zones], since, until)
    within = ((max(opens, since), min(closes, until)) for opens, closes in times)
    return sum((max(timedelta(), ends - begins) for begins, ends in within), timedelta())


def hours_open(hours: ActiveHours | None, zone: ZoneInfo, now: datetime) -> bool:
    """Whether a bot takes calls now, by its active hours."""
    rule = _hours_rule(hours)
    return rule is None or rule.holds(zone, now)


_zone_names: Callable[[Any], Sequence[str]] = phone_zones.time_zones_for_number


@lru_cache(maxsize=100_000)
def zones_of_number(number: str) -> tuple[ZoneInfo, ...]:
    """Every zone a telephone number (with its country) may ring in; empty when none is known."""
    try:
        parsed = phonenumbers.parse(dial_form(number), None)
    except phonenumbers.NumberParseException:
        return ()
    found = (zone_of(name) for name in _zone_names(parsed) if name != "Etc/Unknown")
    return tuple(zone for zone in found if zone is not None)
