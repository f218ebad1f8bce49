"""A list that shows the wrong calls, a plan that no index serves."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from voxbridge.calls.filters import INDEXED, CallFilters, Condition, plan
from voxbridge.calls.skeleton import bucket_of, duration_order
from voxbridge.calls.upkeep import is_orphan

pytestmark = [pytest.mark.unit]
NOW = datetime(2026, 6, 5, 10, 29, 59, tzinfo=UTC)


def test_a_page_asks_for_the_fields_of_one_index_and_judges_the_rest_itself() -> None:
    found = plan(CallFilters(lists={"status": ("failed",), "bot_id": ("a", "b"), "transport": ("ws",)}), "created_at")
    assert found.where == {"bot_id": {"$in": ["a", "b"]}}
    assert found.count_where == {"status": "failed", "bot_id": {"$in": ["a", "b"]}, "transport": "ws"}
    assert found.keep is not None
    assert found.keep({"bot_id": "a", "status": "failed", "transport": "ws"})
    assert not found.keep({"bot_id": "a", "status": "completed", "transport": "ws"})


def test_sorted_by_duration_only_the_duration_index_is_used() -> None:
    found = plan(CallFilters(lists={"bot_id": ("a",)}, min_duration=10, max_duration=20), "duration_order")
    assert found.where == {}
    assert (found.sort_low, found.sort_high) == (9.9, 20.2)
    assert found.keep is not None
    assert found.keep({"bot_id": "a", "call_duration_seconds": 20})
    assert not found.keep({"bot_id": "a", "call_duration_seconds": 20.1})


@pytest.mark.parametrize(
    ("filters", "where"),
    [
        (CallFilters(session_id="s"), {"_id": "s"}),
        (CallFilters(stream_id="st", lists={"bot_id": ("b",)}), {"stream_id": "st"}),
        (CallFilters(phone="+1 (555) 0100"), {"phone_rev": {"$gte": "00105551", "$lte": "00105551:"}}),
    ],
)
def test_a_narrow_field_is_looked_up(filters: CallFilters, where: dict) -> None:
    found = plan(filters, "created_at")
    assert found.lookup
    assert found.where == where


@given(
    st.fixed_dictionaries({name: st.sampled_from(["x", "y", None]) for name in INDEXED}),
    st.dictionaries(st.sampled_from(INDEXED), st.sampled_from([("x",), ("x", "y")])),
)
def test_what_the_index_and_the_judge_let_through_is_what_was_asked(row: dict, lists: dict) -> None:
    found = plan(CallFilters(lists=lists), "created_at")
    through = all(
        Condition(name, tuple(wanted["$in"]) if isinstance(wanted, dict) else (wanted,)).matches(row)
        for name, wanted in found.where.items()
    )
    through = through and (found.keep is None or found.keep(row))
    assert through == all(row[name] in values for name, values in lists.items())


@given(st.uuids(version=4), st.uuids(version=4), st.integers(0, 72_000), st.integers(0, 72_000))
def test_the_order_by_duration_is_by_tenths_and_then_by_id(one: object, other: object, first: int, second: int) -> None:
    a, b = duration_order(str(one), first / 10), duration_order(str(other), second / 10)
    if first != second:
        assert (a < b) == (first < second)
    elif str(one)[:12] != str(other)[:12]:
        assert (a < b) == (str(one) < str(other))
    assert duration_order(str(one), None) < duration_order(str(other), 0)


def test_an_id_that_is_no_uuid_has_a_place_too() -> None:
    assert duration_order("free-text", 5) == pytest.approx(5.05, abs=0.001)


def test_buckets_are_quarters_of_an_hour() -> None:
    assert bucket_of(NOW) == NOW.replace(minute=15, second=0)


@pytest.mark.parametrize(
    ("age_s", "call", "expected"),
    [
        (600 + 900, {"max_call_duration_seconds": 600}, False),
        (600 + 901, {"max_call_duration_seconds": 600}, True),
        (7_200 + 900, {}, False),
        (7_200 + 901, {}, True),
        (90_000, {"call_type": "agent"}, False),
    ],
)
def test_a_call_is_an_orphan_a_quarter_of_an_hour_after_its_longest_time(
    age_s: int, call: dict, expected: bool
) -> None:
    assert is_orphan({"created_at": NOW - timedelta(seconds=age_s), **call}, NOW) is expected
