"""Windows W1 to W4 and W7: days, midnight, clock changes, several zones, edges to the second."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from voxkit.campaigns import after_open, closes_at, hours_open, is_open, next_open, open_time, zones_of_number
from voxkit.contracts.campaigns import DAYS, TimeWindow

pytestmark = [pytest.mark.unit]

BERLIN, NEW_YORK, LOS_ANGELES = (
    ZoneInfo(name) for name in ("Europe/Berlin", "America/New_York", "America/Los_Angeles")
)
SECOND = timedelta(seconds=1)
MONDAY = datetime(2026, 6, 8, tzinfo=BERLIN)


def window(start: str = "09:00", end: str = "18:00", *days: str) -> TimeWindow:
    return TimeWindow.model_validate(
        {"start": start, "end": end, "days": list(days or DAYS), "timezone": "Europe/Berlin"}
    )


def test_every_combination_of_days_is_open_on_just_these_days() -> None:
    for size in range(1, 8):
        for days in itertools.combinations(DAYS, size):
            opened = window("09:00", "18:00", *days)
            for day in range(7):
                noon = MONDAY + timedelta(days=day, hours=12)
                assert is_open(opened, [BERLIN], noon) == (DAYS[day] in days), (days, day)


def test_the_start_is_inside_and_the_end_is_not() -> None:
    opened = window()
    nine, six = MONDAY.replace(hour=9), MONDAY.replace(hour=18)
    assert not is_open(opened, [BERLIN], nine - SECOND)
    assert is_open(opened, [BERLIN], nine)
    assert is_open(opened, [BERLIN], six - SECOND)
    assert not is_open(opened, [BERLIN], six)
    assert closes_at(opened, [BERLIN], nine) == six
    assert closes_at(opened, [BERLIN], six) is None
    assert next_open(opened, [BERLIN], six) == nine + timedelta(days=1)
    assert next_open(opened, [BERLIN], nine + SECOND) == nine + SECOND


def test_a_window_over_midnight_belongs_to_the_day_it_began() -> None:
    night = window("20:00", "02:00", "mon")
    assert is_open(night, [BERLIN], MONDAY.replace(hour=23))
    assert is_open(night, [BERLIN], MONDAY + timedelta(days=1, hours=1, minutes=59))
    assert not is_open(night, [BERLIN], MONDAY.replace(hour=1))  # the night of a Sunday
    assert not is_open(night, [BERLIN], MONDAY + timedelta(days=1, hours=20))
    assert closes_at(night, [BERLIN], MONDAY.replace(hour=23)) == MONDAY + timedelta(days=1, hours=2)
    assert next_open(night, [BERLIN], MONDAY + timedelta(days=1, hours=2)) == MONDAY + timedelta(days=7, hours=20)


def test_equal_start_and_end_are_the_whole_day_from_midnight_to_midnight() -> None:
    whole = window("09:00", "09:00", "mon", "tue")
    assert not is_open(whole, [BERLIN], MONDAY - SECOND)
    assert is_open(whole, [BERLIN], MONDAY)
    assert is_open(whole, [BERLIN], MONDAY + timedelta(days=2) - SECOND)
    assert not is_open(whole, [BERLIN], MONDAY + timedelta(days=2))


def test_days_in_a_row_without_a_gap_each_have_their_own_end() -> None:
    """A run of one day over an always open window ends with its day."""
    always = window("00:00", "00:00")
    assert closes_at(always, [BERLIN], MONDAY) == MONDAY + timedelta(days=1)
    assert closes_at(always, [BERLIN], MONDAY + timedelta(days=1)) == MONDAY + timedelta(days=2)
    assert next_open(always, [BERLIN], MONDAY + SECOND) == MONDAY + SECOND


def test_a_whole_day_ends_where_the_next_begins_though_the_clock_goes_back_over_midnight() -> None:
    # 1 November 2026, Havana: 01:00 becomes 00:00 at 05:00 UTC, so Sunday begins at 04:00 UTC, the first 00:00.
    havana = ZoneInfo("America/Havana")
    saturday = window("00:00", "00:00", "sat")
    assert closes_at(saturday, [havana], datetime(2026, 11, 1, 3, 0, tzinfo=UTC)) == datetime(
        2026, 11, 1, 4, tzinfo=UTC
    )
    assert not is_open(saturday, [havana], datetime(2026, 11, 1, 5, 30, tzinfo=UTC))


def test_without_a_zone_nothing_is_open() -> None:
    assert not is_open(window(), [], MONDAY.replace(hour=12))
    assert closes_at(window(), [], MONDAY.replace(hour=12)) is None
    assert next_open(window(), [], MONDAY.replace(hour=12)) is None


def test_a_start_that_the_clocks_skip_moves_to_the_first_time_that_exists() -> None:
    # 29 March 2026, Berlin: 02:00 becomes 03:00.
    early = window("02:30", "05:00")
    change = datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    assert not is_open(early, [BERLIN], change - SECOND)
    assert is_open(early, [BERLIN], change)
    assert next_open(early, [BERLIN], change - timedelta(hours=2)) == change
    ends = window("00:30", "02:30")
    assert closes_at(ends, [BERLIN], change - timedelta(minutes=30)) == change


def test_a_window_that_lies_within_the_skipped_hour_does_not_open_that_day() -> None:
    skipped = window("02:10", "02:50")
    assert next_open(skipped, [BERLIN], datetime(2026, 3, 29, 0, 0, tzinfo=UTC)) == datetime(
        2026, 3, 30, 0, 10, tzinfo=UTC
    )


def test_of_a_time_that_comes_twice_a_start_means_the_first_and_an_end_the_second() -> None:
    # 25 October 2026, Berlin: 03:00 becomes 02:00 at 01:00 UTC.
    starts, ends = window("02:30", "05:00"), window("01:00", "02:30")
    assert next_open(starts, [BERLIN], datetime(2026, 10, 24, 23, 0, tzinfo=UTC)) == datetime(
        2026, 10, 25, 0, 30, tzinfo=UTC
    )
    assert closes_at(ends, [BERLIN], datetime(2026, 10, 25, 0, 0, tzinfo=UTC)) == datetime(
        2026, 10, 25, 1, 30, tzinfo=UTC
    )


def test_with_several_zones_the_window_is_open_where_all_are() -> None:
    office = window()
    both = [NEW_YORK, LOS_ANGELES]
    assert not is_open(office, both, datetime(2026, 6, 8, 10, 0, tzinfo=NEW_YORK))
    assert is_open(office, both, datetime(2026, 6, 8, 9, 0, tzinfo=LOS_ANGELES))
    assert closes_at(office, both, datetime(2026, 6, 8, 10, 0, tzinfo=LOS_ANGELES)) == datetime(
        2026, 6, 8, 18, 0, tzinfo=NEW_YORK
    )
    assert next_open(office, both, datetime(2026, 6, 8, 19, 0, tzinfo=NEW_YORK)) == datetime(
        2026, 6, 9, 9, 0, tzinfo=LOS_ANGELES
    )
    short = window("09:00", "11:00")
    assert next_open(short, both, datetime(2026, 6, 8, 9, 0, tzinfo=NEW_YORK)) is None, "they never meet"


def test_the_zones_of_a_number_are_those_it_may_ring_in() -> None:
    assert [zone.key for zone in zones_of_number("+12125550100")] == ["America/New_York"]
    assert len(zones_of_number("+18005550100")) > 1
    assert zones_of_number("not a number") == ()


def test_the_next_opening_is_where_window_and_the_bots_hours_are_both_open() -> None:
    hours = {"enabled": True, "start_time": "12:00", "end_time": "20:00", "days": ["tue"]}
    after = MONDAY.replace(hour=10)
    assert next_open(window(), [BERLIN], after, (hours, BERLIN)) == MONDAY + timedelta(days=1, hours=12)
    assert next_open(window(), [BERLIN], after, ({**hours, "enabled": False}, BERLIN)) == after
    assert next_open(window(), [BERLIN], after, (None, BERLIN)) == after
    assert not hours_open(hours, BERLIN, after)
    assert hours_open(hours, BERLIN, MONDAY + timedelta(days=1, hours=12))
    assert hours_open(None, BERLIN, after)


def test_work_goes_on_when_the_window_opens_again() -> None:
    four, hour = MONDAY.replace(hour=16), timedelta(hours=1)
    assert after_open(window(), [BERLIN], four, hour) == MONDAY.replace(hour=17)
    assert after_open(window(), [BERLIN], four, 3 * hour) == MONDAY + timedelta(days=1, hours=10)
    assert after_open(window(), [BERLIN], four, 2 * hour) == MONDAY.replace(hour=18)
    assert after_open(window("09:00", "18:00", "mon"), [BERLIN], four, 21 * hour) == MONDAY + timedelta(
        days=21, hours=10
    )
    hours = {"enabled": True, "start_time": "12:00", "end_time": "20:00", "days": list(DAYS)}
    assert after_open(window(), [BERLIN], four, 3 * hour, (hours, BERLIN)) == MONDAY + timedelta(days=1, hours=13)
    assert after_open(window("00:00", "00:00"), [BERLIN], four, 40 * hour) == four + 40 * hour


def test_an_end_that_lies_far_ahead_or_never_comes_is_not_told() -> None:
    assert after_open(window(), [BERLIN], MONDAY, timedelta(days=365)) is None
    assert after_open(window("09:00", "10:00"), [NEW_YORK, BERLIN], MONDAY, SECOND) is None


def test_open_time_between_two_moments_is_what_they_share_with_the_window() -> None:
    four, hour = MONDAY.replace(hour=16), timedelta(hours=1)
    assert open_time(window(), [BERLIN], four, four + hour) == hour
    assert open_time(window(), [BERLIN], four, MONDAY + timedelta(days=1, hours=10)) == 3 * hour
    assert open_time(window("00:00", "00:00"), [BERLIN], four, four + 40 * hour) == 40 * hour
    assert open_time(window(), [BERLIN], MONDAY, MONDAY + hour) == timedelta()
    assert open_time(window("22:00", "02:00"), [BERLIN], MONDAY, MONDAY + 24 * hour) == 4 * hour
