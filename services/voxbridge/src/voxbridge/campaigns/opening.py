"""The window of a `single_day` run: one opening of one day, although days may follow each other without a gap."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from voxkit.campaigns.windows import closes_at, next_open
from voxkit.contracts.campaigns import DAYS, CampaignConfig, Day, TimeWindow
from voxkit.zones import zone_of

Document = dict[str, Any]


def run_window(config: CampaignConfig, now: datetime) -> Document | None:
    """`{opens_at, closes_at}`: the opening of now, else the next one. None: `multi_day`, or it never opens."""
    if config.campaign_mode != "single_day":
        return None
    openings = [found for day in config.time_window.days if (found := _opening(config.time_window, day, now))]
    if not openings:
        return None
    opens_at, until = min(openings)
    return {"opens_at": opens_at, "closes_at": until}


def openings_of_a_week(window: TimeWindow, now: datetime) -> Iterator[tuple[Day, datetime, datetime]]:
    """(day, opens, closes) of each of its days, from now on."""
    for day in DAYS:
        if day in window.days and (found := _opening(window, day, now)):
            yield day, *found


def _opening(window: TimeWindow, day: Day, now: datetime) -> tuple[datetime, datetime] | None:
    """The opening that begins on this weekday and is open or comes next; one that is open begins now."""
    zone = zone_of(window.timezone)
    if zone is None:
        return None
    alone = window.model_copy(update={"days": [day]})
    opens = next_open(alone, [zone], now)
    until = opens and closes_at(alone, [zone], opens)
    return (opens, until) if opens and until else None


def is_over(window: Document | None, now: datetime) -> bool:
    """Whether the cut-off of a run has come."""
    return window is not None and window["closes_at"] <= now


MINUTE = timedelta(minutes=1)
