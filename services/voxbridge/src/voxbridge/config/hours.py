"""Active hours of a bot, by the wall clock of its zone."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def is_open(hours: dict[str, Any] | None, zone: ZoneInfo, now: datetime) -> bool:
    """Whether `now` (aware) lies inside.

    Hours that run over midnight belong to the day they began. Equal start and end are the whole day. The wall clock
    decides: an hour that a clock change skips is never reached, one that it repeats counts twice.
    """
    if not hours or not hours.get("enabled"):
        return True
    local = now.astimezone(zone)
    start, end = _clock(hours.get("start_time"), time(9)), _clock(hours.get("end_time"), time(18))
    days = hours.get("days") or []
    today = DAYS[local.weekday()] in days
    at = local.time()
    if start == end:
        return today
    if start < end:
        return today and start <= at < end
    yesterday = DAYS[(local.date() - timedelta(days=1)).weekday()] in days
    return (today and at >= start) or (yesterday and at < end)


def _clock(value: Any, default: time) -> time:
    try:
        return time.fromisoformat(str(value))
    except ValueError:
        return default


def closed_detail(hours: dict[str, Any], zone: ZoneInfo, now: datetime) -> str:
    """What the worker reads; it begins `outside_active_hours:`."""
    local = now.astimezone(UTC if zone is None else zone)
    return (
        f"outside_active_hours: it is {local:%a %H:%M} in {zone.key}; "
        f"open {','.join(hours.get('days') or []) or 'on no day'} {hours.get('start_time')}-{hours.get('end_time')}"
    )
