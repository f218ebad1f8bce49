"""Active hours of a bot, where a call is refused outside of them; the rule itself is `voxkit.campaigns.hours_open`."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from voxkit.campaigns import hours_open
from voxkit.errors import Unavailable


class OutsideActiveHours(Unavailable):
    """The bot takes no calls now."""

    code = "outside_active_hours"


def refuse_closed(bot: dict[str, Any], zone: ZoneInfo, now: datetime) -> None:
    """Raises: OutsideActiveHours, with `detail` for the worker."""
    if not hours_open(bot.get("active_hours"), zone, now):
        raise OutsideActiveHours("The bot takes no calls now.", detail=closed_detail(bot["active_hours"], zone, now))


def closed_detail(hours: dict[str, Any], zone: ZoneInfo, now: datetime) -> str:
    """It begins `outside_active_hours:`."""
    local = now.astimezone(zone)
    return (
        f"outside_active_hours: it is {local:%a %H:%M} in {zone.key}; "
        f"open {','.join(hours.get('days') or []) or 'on no day'} {hours.get('start_time')}-{hours.get('end_time')}"
    )
