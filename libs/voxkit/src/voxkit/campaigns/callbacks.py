"""When a customer who asked for a later call is called: their words, in the campaign's zone, inside its window."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from voxkit.campaigns import spoken
from voxkit.campaigns.spoken import Clock, DayWord
from voxkit.campaigns.windows import closes_at, is_open, moment, next_open
from voxkit.campaigns.words import HOUR_OF_PART, DayPart
from voxkit.contracts.campaigns import MAX_CALLBACK_RESCHEDULES, CampaignConfig

ScheduleReason = Literal["no_clear_time", "outside_window"]
UnmetReason = Literal["asked_too_often", "after_the_run", "campaign_ended", "excluded"]
"""Why nobody is called back although they asked for it; stands as `schedule_reason` too."""
DAY_HOUR = 10
"""A day without a time of day."""
MAX_AHEAD = timedelta(days=30)


@dataclass(frozen=True)
class CallbackWish:
    """What the customer said. `requested_at`: aware, the end of the call; `confidence`: 0 to 1."""

    requested_at: datetime
    preferred_time_text: str = ""
    reason: str = ""
    confidence: float | None = None


def resolve_callback_time(
    text: str, requested_at: datetime, config: CampaignConfig
) -> tuple[datetime, ScheduleReason | None]:
    """The time of a callback (UTC), and why it is not what the customer said; null when it is."""
    zone = ZoneInfo(config.time_window.timezone)
    requested_at = requested_at.astimezone(UTC)
    wished = _wished(text, requested_at, config, zone)
    reason: ScheduleReason | None = None
    if wished is None or wished > requested_at + MAX_AHEAD:
        wished, reason = requested_at + timedelta(minutes=config.redial_rules.retry_delay_minutes), "no_clear_time"
    if is_open(config.time_window, [zone], wished):
        return wished, reason
    return next_open(config.time_window, [zone], wished) or wished, "outside_window"


def _wished(text: str, requested_at: datetime, config: CampaignConfig, zone: ZoneInfo) -> datetime | None:
    """The first that the words have wins: an offset, a clock time, a part of the day, a day. None: nothing clear."""
    tokens = spoken.tokens_of(text)
    offset = spoken.offset_minutes(tokens)
    if offset is not None:
        return requested_at + timedelta(minutes=offset)
    clock, part, said_day = spoken.clock_time(tokens), spoken.day_part(tokens), spoken.day_word(tokens)
    if clock is None and part is None and said_day is None:
        return None
    today = requested_at.astimezone(zone).date()
    day = _date(said_day, today)
    if day is None:
        return None
    if clock:
        day, at = _clock_on(clock, part, day, config, zone)
    else:
        at = time(HOUR_OF_PART[part] if part else DAY_HOUR)
    found = moment(day, at, zone)
    return found if found > requested_at else moment(day + timedelta(days=1), at, zone)


def _date(said: DayWord | None, today: date) -> date | None:
    """None: further ahead than a callback may be."""
    if said is None:
        return today
    ahead = said.ahead if said.weekday is None else (said.weekday - today.weekday() - 1) % 7 + 1
    return today + timedelta(days=ahead) if ahead <= MAX_AHEAD.days else None


def _clock_on(
    clock: Clock, part: DayPart | None, day: date, config: CampaignConfig, zone: ZoneInfo
) -> tuple[date, time]:
    if clock.hour == 24:
        return day + timedelta(days=1), time(0)
    if clock.hour > 12 or (clock.hour == 0 and clock.half is None):
        return day, time(clock.hour, clock.minute)
    if clock.half is None and part == "night" and clock.hour == 12:
        return day + timedelta(days=1), time(0, clock.minute)
    morning = time(clock.hour % 12, clock.minute)
    later = morning.replace(hour=morning.hour + 12)
    half = clock.half or (part and ("am" if part == "morning" else "pm"))
    if half:
        return day, morning if half == "am" else later
    early = is_open(config.time_window, [zone], moment(day, morning, zone))
    return day, morning if early else later


def scheduled_callback(
    campaign: Mapping[str, Any], config: CampaignConfig, before: Mapping[str, Any] | None, wish: CallbackWish
) -> dict[str, Any]:
    """The contact's callback document for a wish: `scheduled`, or `cancelled` where it cannot be met, because they
    asked too often or because a campaign of one day is over by then."""
    if _times(before) >= MAX_CALLBACK_RESCHEDULES:
        return unmet_callback(before, wish, "asked_too_often")
    at, why = resolve_callback_time(wish.preferred_time_text, wish.requested_at, config)
    if config.campaign_mode == "single_day" and not _within_run(campaign, config, wish.requested_at, at):
        return unmet_callback(before, wish, "after_the_run")
    return _document(wish, "scheduled", _times(before) + 1, at, why)


def unmet_callback(before: Mapping[str, Any] | None, wish: CallbackWish, why: UnmetReason) -> dict[str, Any]:
    """What a contact shows of a wish that nobody will meet."""
    return _document(wish, "cancelled", _times(before), None, why)


def _times(before: Mapping[str, Any] | None) -> int:
    """How often the contact has been put off."""
    return int((before or {}).get("sequence") or 0)


def _document(
    wish: CallbackWish, status: str, sequence: int, at: datetime | None, why: ScheduleReason | UnmetReason | None
) -> dict[str, Any]:
    return {
        "active": at is not None,
        "requested": True,
        "status": status,
        "sequence": sequence,
        "requested_at": wish.requested_at,
        "scheduled_at": at,
        "preferred_time_text": wish.preferred_time_text,
        "reason": wish.reason,
        "confidence": wish.confidence,
        "schedule_reason": why,
    }


def _within_run(campaign: Mapping[str, Any], config: CampaignConfig, requested_at: datetime, at: datetime) -> bool:
    """Before the end of the day's window; a campaign that has not noted it is judged by the window at the request."""
    noted: Mapping[str, Any] = campaign.get("run_window") or {}
    end: datetime | None = noted.get("closes_at")
    if end is None:
        end = closes_at(config.time_window, [ZoneInfo(config.time_window.timezone)], requested_at)
    return end is not None and at < end
