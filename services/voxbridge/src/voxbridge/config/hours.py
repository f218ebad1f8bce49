"""What a worker reads when a bot is closed; the rule itself is `voxkit.campaigns.hours_open`."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo


def closed_detail(hours: dict[str, Any], zone: ZoneInfo, now: datetime) -> str:
    """It begins `outside_active_hours:`."""
    local = now.astimezone(zone)
    return (
        f"outside_active_hours: it is {local:%a %H:%M} in {zone.key}; "
        f"open {','.join(hours.get('days') or []) or 'on no day'} {hours.get('start_time')}-{hours.get('end_time')}"
    )
