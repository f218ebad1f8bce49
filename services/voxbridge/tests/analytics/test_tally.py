"""Figures that are wrong at an edge: of an hour, of a day, of a zone, of a bin."""

from __future__ import annotations

import itertools
import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from voxbridge.analytics.periods import Span, day_begins, edges, whole_days
from voxbridge.analytics.tally import KEPT_DISPOSITIONS, OTHER, Count, Tally

pytestmark = [pytest.mark.unit]
UTC_ZONE, KOLKATA, BERLIN = ZoneInfo("UTC"), ZoneInfo("Asia/Kolkata"), ZoneInfo("Europe/Berlin")


def call(**fields):
    usual = {"bot_id": "b", "status": "completed", "disconnected_by": "customer", "call_duration_seconds": 60.0}
    return usual | fields


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def test_connected_means_that_both_sides_spoke() -> None:
    tally = Tally()
    for fields in (
        {}, {"disconnected_by": "bot"}, {"disconnected_by": "transfer_to_agent", "was_transferred": True},
        {"disconnected_by": "customer", "call_duration_seconds": 0}, {"disconnected_by": "voicemail"},
        {"status": "failed", "disconnected_by": "error"}, {"status": "in_progress", "disconnected_by": None},
    ):  # fmt: skip
        tally.add_call(call(**fields))
    assert (tally.calls, tally.ended, tally.connected, tally.transferred) == (7, 6, 3, 1)
    assert tally.connected_seconds == 180
    assert tally.dispositions == {"none": 6}, "a call that lasts has no disposition to miss"


def test_a_percentile_is_off_by_at_most_two_and_a_half_percent() -> None:
    rng = random.Random(3)
    values = sorted(rng.lognormvariate(6.6, 0.5) for _ in range(5_000))
    tally = Tally()
    for value in values:
        tally.add_call(call(avg_response_ms=value))
    for share in (0.5, 0.95):
        exact = values[int(share * len(values)) - 1]
        assert abs(tally.percentile_ms(share) - exact) <= 0.026 * exact
    assert Tally().percentile_ms(0.95) is None


def test_stored_figures_add_up_to_the_same_as_all_calls_at_once() -> None:
    rng = random.Random(1)
    calls = [
        call(
            bot_id=rng.choice("ab"), campaign_id=rng.choice([None, "c"]), disposition=rng.choice(["x.y", "$z", None]),
            avg_response_ms=rng.choice([None, 700, 900.5]), call_duration_seconds=float(rng.randrange(100)),
        )
        for _ in range(500)
    ]  # fmt: skip
    whole, parts = Count(), [Count() for _ in range(5)]
    for number, one in enumerate(calls):
        whole.add_call(one)
        parts[number % 5].add_call(one)
    summed = Count()
    for part in parts:
        summed.add_rows(part.document()["rows"])
    assert summed.document() == whole.document()
    assert whole.document()["all"]["calls"] == 500


def test_thousands_of_dispositions_are_kept_as_the_most_frequent_ones_and_a_rest() -> None:
    tally = Tally()
    for number in range(1_000):
        for _ in range(2 if number < 10 else 1):
            tally.add_call(call(disposition=f"word {number}"))
    kept = dict(tally.document()["dispositions"])
    assert len(kept) == KEPT_DISPOSITIONS + 1
    assert sum(kept.values()) == 1_010
    assert kept[OTHER] > 0
    assert all(kept[f"word {number}"] == 2 for number in range(10))


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        (UTC_ZONE, date(2026, 6, 5), 24),
        (KOLKATA, date(2026, 6, 5), 24),
        (BERLIN, date(2026, 3, 29), 23),
        (BERLIN, date(2026, 10, 25), 25),
    ],
)
def test_a_day_has_each_of_its_hours_once_also_when_clocks_change(zone, day, hours) -> None:
    span = Span(day_begins(day, zone), day_begins(day + timedelta(days=1), zone))
    found = list(edges(span, zone, "hour"))
    assert len(found) == hours
    assert all(later - earlier == timedelta(hours=1) for earlier, later in itertools.pairwise(found))
    assert list(edges(span, zone, "day")) == [span.since]


def test_a_span_is_its_whole_days_and_what_is_left_at_both_ends() -> None:
    span = Span(at(2026, 6, 1, 12), at(2026, 6, 4, 6))
    head, days, tail = whole_days(span, UTC_ZONE)
    assert head == Span(at(2026, 6, 1, 12), at(2026, 6, 2))
    assert days == [date(2026, 6, 2), date(2026, 6, 3)]
    assert tail == Span(at(2026, 6, 4), at(2026, 6, 4, 6))
    nothing = whole_days(Span(at(2026, 6, 1, 12), at(2026, 6, 1, 13)), UTC_ZONE)
    assert nothing[0] == Span(at(2026, 6, 1, 12), at(2026, 6, 1, 13))
    assert nothing[1] == []


def test_half_a_day_is_compared_with_half_of_the_day_before() -> None:
    today = Span(at(2026, 6, 5), at(2026, 6, 6))
    assert today.before(at(2026, 6, 5, 12)) == Span(at(2026, 6, 4), at(2026, 6, 4, 12))
    assert today.before(at(2026, 7, 1)) == Span(at(2026, 6, 4), at(2026, 6, 5))
