"""A bot that is closed when it should be open, or open at night, above all around midnight and clock changes."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from voxbridge.config.hours import closed_detail
from voxkit.campaigns import hours_open
from voxkit.contracts.campaigns import DAYS
from voxkit.zones import zone_of

pytestmark = [pytest.mark.unit]
BERLIN = ZoneInfo("Europe/Berlin")
UTC_ZONE = ZoneInfo("UTC")


def hours(start: str = "09:00", end: str = "18:00", days: tuple[str, ...] = DAYS) -> dict:
    return {"enabled": True, "days": list(days), "start_time": start, "end_time": end}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("2026-06-05T09:00", True),
        ("2026-06-05T08:59:59.999", False),
        ("2026-06-05T17:59:59.999", True),
        ("2026-06-05T18:00", False),
    ],
)
def test_the_start_is_inside_and_the_end_is_not(when: str, expected: bool) -> None:
    assert hours_open(hours(), UTC_ZONE, at(when)) is expected


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("2026-06-05T21:59", False),  # Friday before the start
        ("2026-06-05T22:00", True),
        ("2026-06-06T05:59", True),  # Saturday, but the hours began on Friday
        ("2026-06-06T06:00", False),
        ("2026-06-06T22:30", False),  # Saturday is not among the days
        ("2026-06-05T05:00", False),  # Friday morning belongs to Thursday
    ],
)
def test_hours_over_midnight_belong_to_the_day_they_began(when: str, expected: bool) -> None:
    assert hours_open(hours("22:00", "06:00", ("fri",)), UTC_ZONE, at(when)) is expected


def test_equal_start_and_end_are_the_whole_day() -> None:
    whole = hours("07:30", "07:30", ("sun",))
    assert hours_open(whole, UTC_ZONE, at("2026-06-07T00:00"))
    assert hours_open(whole, UTC_ZONE, at("2026-06-07T23:59"))
    assert not hours_open(whole, UTC_ZONE, at("2026-06-08T00:00"))


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        # 29 March 2026: at 01:00 UTC the clock goes from 02:00 to 03:00.
        ("2026-03-29T00:59", False),  # 01:59
        ("2026-03-29T01:00", True),  # 03:00, the skipped hour is over
        ("2026-03-29T01:29", True),  # 03:29
        ("2026-03-29T01:30", False),  # 03:30
    ],
)
def test_in_spring_the_skipped_hour_is_never_reached(when: str, expected: bool) -> None:
    assert hours_open(hours("02:30", "03:30"), BERLIN, at(when)) is expected


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        # 25 October 2026: at 01:00 UTC the clock goes back from 03:00 to 02:00.
        ("2026-10-25T00:15", True),  # 02:15, first time
        ("2026-10-25T00:30", True),  # 02:30, first time; the end means the second
        ("2026-10-25T01:15", True),  # 02:15, second time
        ("2026-10-25T01:30", False),
    ],
)
def test_in_autumn_a_start_means_the_first_and_an_end_the_second(when: str, expected: bool) -> None:
    """The rule of campaign windows (W2) holds here too. By the wall clock alone the bot would close between the two
    02:30 and open again, and a campaign would stop for half an hour in the middle of its window."""
    assert hours_open(hours("02:00", "02:30"), BERLIN, at(when)) is expected


@pytest.mark.parametrize(
    ("when", "expected"),
    [("2026-03-28T22:30", True), ("2026-03-29T00:59", True), ("2026-03-29T01:00", False), ("2026-10-25T01:59", True)],
)
def test_hours_over_midnight_on_the_nights_of_a_clock_change(when: str, expected: bool) -> None:
    """22:00 to 03:00; in spring 03:00 comes an hour earlier, in autumn an hour later."""
    assert hours_open(hours("22:00", "03:00"), BERLIN, at(when)) is expected


def test_switched_off_and_absent_hours_are_always_open_and_no_day_is_never_open() -> None:
    assert hours_open(None, UTC_ZONE, at("2026-06-05T03:00"))
    assert hours_open(hours() | {"enabled": False}, UTC_ZONE, at("2026-06-05T03:00"))
    assert not hours_open(hours("00:00", "00:00", ()), UTC_ZONE, at("2026-06-05T03:00"))


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  (bounds carry no zone)
    st.sampled_from(["UTC", "Asia/Kolkata", "America/New_York"]),
)
def test_the_hours_and_their_complement_never_overlap_and_leave_no_gap(now: datetime, zone: str) -> None:
    inside = hours_open(hours("08:15", "20:45"), ZoneInfo(zone), now)
    assert inside != hours_open(hours("20:45", "08:15"), ZoneInfo(zone), now)


def test_the_refusal_begins_as_workers_expect() -> None:
    told = closed_detail(hours(), BERLIN, at("2026-06-05T20:00"))
    assert told.startswith("outside_active_hours: ")
    assert "Fri 22:00 in Europe/Berlin" in told


def test_an_unknown_zone_is_no_zone() -> None:
    assert zone_of("Mars/Olympus") is None
    assert zone_of("../etc/passwd") is None
